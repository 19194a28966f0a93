import * as fc from "fast-check";
import { z } from "zod";
import type { FixedSetting } from "../../../components/bootstrap/fixed-settings";
import { python } from "./python";

/** Recorded and wanted states, and what plan_steps.py makes of them. */

const step = z.object({
  playbook: z.string(),
  limit: z.array(z.string()),
  tags: z.array(z.string()),
  extra: z.record(z.string(), z.unknown()),
  joining: z.array(z.string()),
  reason: z.string(),
  effect: z.record(z.string(), z.unknown()),
});

const machine = z.object({
  roles: z.array(z.string()),
  digest: z.string().nullable(),
  version: z.string(),
  offline: z.boolean(),
  key: z.string().optional(),
});

const recorded = z.looseObject({
  kubernetesVersion: z.string(),
  kubespray: z.string().nullable(),
  networks: z.record(z.string(), z.string()),
  machines: z.record(z.string(), machine),
  groups: z.record(z.string(), z.string()).nullable(),
});

const outcome = z.union([
  z.object({ refused: z.string(), advice: z.string() }),
  z.object({ steps: z.array(step), states: z.array(recorded), again: z.array(step) }),
]);

export type MachineState = z.infer<typeof machine>;
export type Recorded = z.infer<typeof recorded> & {
  observable?: Readonly<Record<string, string>>;
};
export type Outcome = z.infer<typeof outcome>;
export type Done = Extract<Outcome, { steps: unknown }>;
export type PlannedStep = z.infer<typeof step>;

export interface WantedState {
  clusterName: string;
  kubernetesVersion: string;
  kubespray: string;
  networks: Record<string, string>;
  machines: Record<string, MachineState>;
  groups: Record<string, { tags: string[]; manifests: boolean; digest: string }>;
  fixed: readonly FixedSetting[];
  observable: Record<string, string>;
  allowRemoval: boolean;
  snapshot: { enabled: boolean };
}

const PLAN = `
from members import Refused
from plan_steps import plan, record_after
def outcome(case):
    try:
        steps = plan(case["recorded"], case["wanted"])
        state, states = case["recorded"], []
        for one in steps:
            state = record_after(state, one)
            states.append(state)
        return {"steps": steps, "states": states, "again": plan(state, case["wanted"])}
    except Refused as refusal:
        return {"refused": str(refusal), "advice": refusal.advice}
answer = [outcome(case) for case in given]
`;

/** The steps of each case, the record after each step, and the steps of a second run. */
export function planAll(
  cases: readonly { recorded: Recorded | null; wanted: WantedState }[],
): Outcome[] {
  return z.array(outcome).parse(python(PLAN, cases));
}

export function planOne(recordedState: Recorded | null, wanted: WantedState): Outcome {
  const [only] = planAll([{ recorded: recordedState, wanted }]);
  if (only === undefined) throw new Error("no outcome");
  return only;
}

export function done(result: Outcome): Done {
  if ("refused" in result) throw new Error(`refused: ${result.refused}`);
  return result;
}

export const NETWORKS = { podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/12" };

const ROLE_SETS = [
  ["control-plane", "etcd"],
  ["control-plane", "etcd", "worker"],
  ["worker"],
  ["worker"],
  ["control-plane"],
  ["etcd"],
];

export function machineState(roles: string[], more: Partial<MachineState> = {}): MachineState {
  return { roles, digest: "d0", version: "1.34.2", offline: false, ...more };
}

const TAGS: Readonly<Record<string, string[]>> = { cluster: [], kubelet: ["node"], dns: ["apps"] };

const name = fc.constantFrom("a", "b", "c", "d", "e", "f");
const digest = fc.constantFrom("d0", "d1");
const offline = fc.constantFrom(false, false, false, true);

/** A machine before and after a change: kept more often than it comes or goes. */
const machineChange = fc.record({
  name,
  roles: fc.constantFrom(...ROLE_SETS),
  there: fc.constantFrom("kept", "kept", "kept", "joins", "leaves"),
  before: fc.record({ digest, offline }),
  after: fc.record({ digest, offline }),
  newRoles: fc.constantFrom(...ROLE_SETS),
  changesRoles: fc.constantFrom(false, false, false, false, false, false, true),
});

const change = fc.record({
  machines: fc.uniqueArray(machineChange, { selector: (m) => m.name, maxLength: 5 }),
  minor: fc.integer({ min: 31, max: 33 }),
  minorStep: fc.constantFrom(0, 0, 1, 1, 2, -1),
  release: fc.integer({ min: 28, max: 30 }),
  releaseStep: fc.constantFrom(0, 0, 0, 1, 2),
  before: fc.record({ cluster: digest, kubelet: digest, dns: digest }),
  after: fc.record({ cluster: digest, kubelet: digest, dns: digest }),
  allowRemoval: fc.constantFrom(true, true, false),
  enabled: fc.boolean(),
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function stateOf(x: Change, side: "before" | "after"): WantedState {
  const later = side === "after" ? 1 : 0;
  const kubernetesVersion = `1.${x.minor + later * x.minorStep}.1`;
  const absent = side === "before" ? "joins" : "leaves";
  const machines = x.machines
    .filter((m) => m.there !== absent)
    .map((m): [string, MachineState] => {
      const roles = later === 1 && m.changesRoles ? m.newRoles : m.roles;
      return [m.name, { roles, version: kubernetesVersion, ...m[side] }];
    });
  const first = machineState(["control-plane", "etcd"], { version: kubernetesVersion });
  return {
    clusterName: "homelab",
    kubernetesVersion,
    kubespray: `v2.${x.release + later * x.releaseStep}.0`,
    networks: NETWORKS,
    machines: Object.fromEntries([["first", first], ...machines]),
    groups: Object.fromEntries(
      Object.entries(x[side]).map(([group, value]) => [
        group,
        { tags: TAGS[group] ?? [], manifests: group === "cluster", digest: value },
      ]),
    ),
    fixed: [],
    observable: { proxyMode: "nftables", ipipMode: "Always" },
    allowRemoval: x.allowRemoval,
    snapshot: { enabled: x.enabled },
  };
}

/** A recorded cluster, or one that another hand installed, and what is wanted instead. */
export const stateChange: fc.Arbitrary<{ recorded: Recorded; wanted: WantedState }> = fc
  .tuple(change, fc.constantFrom("ours", "ours", "found"))
  .map(([x, origin]) => {
    const recordedState = recordOf(stateOf(x, "before"));
    const wanted = stateOf(x, "after");
    if (origin === "ours") return { recorded: recordedState, wanted };
    const observable = { proxyMode: x.enabled ? "ipvs" : "nftables" };
    return { recorded: { ...recordedState, kubespray: null, groups: null, observable }, wanted };
  });

/** The record that a cluster leaves which was installed as `wanted` says. */
export function recordOf(wanted: WantedState): Recorded {
  return {
    clusterName: wanted.clusterName,
    kubernetesVersion: wanted.kubernetesVersion,
    kubespray: wanted.kubespray,
    networks: wanted.networks,
    machines: wanted.machines,
    groups: Object.fromEntries(Object.entries(wanted.groups).map(([k, g]) => [k, g.digest])),
  };
}

/** A small cluster as in the homelab, with changes. */
export function homelabState(more: Partial<WantedState> = {}): WantedState {
  return {
    clusterName: "homelab",
    kubernetesVersion: "1.34.2",
    kubespray: "v2.31.0",
    networks: NETWORKS,
    machines: {
      maple: machineState(["control-plane", "etcd"]),
      storage: machineState(["worker"]),
    },
    groups: {
      cluster: { tags: [], manifests: true, digest: "c0" },
      kubelet: { tags: ["node"], manifests: false, digest: "k0" },
      dns: { tags: ["apps", "download"], manifests: false, digest: "n0" },
    },
    fixed: [],
    observable: { proxyMode: "nftables", ipipMode: "Always" },
    allowRemoval: false,
    snapshot: { enabled: true },
    ...more,
  };
}
