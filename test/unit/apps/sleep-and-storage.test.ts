import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { AppPlan, AppVolume } from "../../../components/apps/frame/app";
import { appsFacts, sleeps } from "../../../components/apps/facts";
import { renderLabels, renderPlacement } from "../../../components/apps/frame/placement";
import { renderVolume } from "../../../components/apps/frame/storage";
import type { Machine } from "../../../components/node/machine";
import { SLEEPS_WITH } from "../../../components/shared/labels";
import { storageRules } from "../../../stacks/rules/storage";
import type { Site } from "../../../stacks/site";
import { site } from "./settings";

const NAMES = site.machines.map(({ name }) => name);
const SIZE = 2 ** 30;

const PLAN: Omit<AppPlan, "machine" | "volumes"> = {
  name: "x",
  title: "X",
  podSecurity: "restricted",
  resources: {
    requests: { cpu: "1", memory: SIZE },
    limits: { cpu: "1", memory: SIZE },
  },
  ports: [],
  policies: [],
  secrets: [],
  idle: { port: 80 },
  workload: { kind: "Deployment", name: "x" },
  service: "x",
  backups: [],
  deploy: () => undefined,
};

function volume(kind: "local" | "nfs", i: number, server: string): AppVolume {
  const common = { name: `v${i}`, path: `apps.x.v${i}`, size: SIZE };
  return kind === "local"
    ? { ...common, kind, directory: `/srv/v${i}`, readOnly: false, owner: "1000:1000" }
    : { ...common, kind, directory: "/srv/media/films", server, readOnly: true };
}

const name = fc.constantFrom(...NAMES);
const kinds = fc.constantFrom("local" as const, "nfs" as const);
const EXPORTS: Machine["exports"] = { "/srv/media": { readOnly: true } };

interface Generated {
  readonly machine: string;
  readonly asleep: readonly string[];
  readonly exporting: readonly string[];
  readonly volumes: readonly AppVolume[];
}
const worlds: fc.Arbitrary<Generated> = fc.record({
  machine: name,
  asleep: fc.subarray(NAMES),
  exporting: fc.subarray(NAMES),
  volumes: fc
    .array(fc.tuple(kinds, name), { maxLength: 4 })
    .map((all) => all.map(([kind, server], i) => volume(kind, i, server))),
});

interface World {
  readonly machine: string;
  readonly volumes: readonly AppVolume[];
  readonly machines: readonly Machine[];
  /** Paths of the volumes that the rules refuse. */
  readonly refused: readonly string[];
}

/** The homelab's machines, of which others sleep and export, with one app that has these volumes. */
function judge({ machine, asleep, exporting, volumes }: Generated): World {
  const machines = site.machines.map((each) => ({
    ...each,
    mounts: {},
    sleeps: asleep.includes(each.name),
    exports: exporting.includes(each.name) ? EXPORTS : {},
  }));
  const plan = { ...PLAN, machine, volumes };
  const { volumes: places = [] } = appsFacts([plan], {
    ...site.config,
    machines,
    controller: site.controller,
  });
  const facts: Site["facts"] = { ...site.facts, volumes: places };
  const problems = storageRules({ ...site, machines, facts });
  return { machine, volumes, machines, refused: problems.map(({ path }) => path) };
}

const holderOf = (v: AppVolume, machine: string): string => (v.kind === "nfs" ? v.server : machine);

describe("an app's data", () => {
  it("lies on a machine that sleeps only where its app sleeps with it, or it is refused", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { machine, machines, volumes, refused } = judge(world);
        for (const v of volumes) {
          const holder = holderOf(v, machine);
          const strands = sleeps(holder, { machines }) && holder !== machine;
          if (strands) assert.ok(refused.includes(v.path));
          const exported = v.kind === "local" || world.exporting.includes(holder);
          assert.equal(refused.includes(v.path), strands || !exported);
        }
      }),
    );
  });

  it("and its pod are bound to the same machine, and the pod is marked where that sleeps", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { machine, machines, volumes } = judge(world);
        const asleep = sleeps(machine, { machines });
        const pod = renderPlacement(machine, asleep);
        assert.deepEqual(pod.nodeSelector, { "kubernetes.io/hostname": machine });
        assert.equal(renderLabels("x", machine, asleep)[SLEEPS_WITH], asleep ? machine : undefined);
        for (const v of volumes) {
          if (v.kind === "claim") continue;
          const spec = renderVolume(v, { app: "x", machine, addressOf: () => "192.168.8.61" });
          const only = `"key":"kubernetes.io/hostname","operator":"In","values":["${machine}"]`;
          if (v.kind === "local") assert.ok(JSON.stringify(spec.nodeAffinity).includes(only));
          else assert.equal(spec.nodeAffinity, undefined);
        }
      }),
    );
  });
});
