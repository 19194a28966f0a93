import type { Machine } from "../node/machine";
import type { ClusterArgs } from "./args";
import { renderReserved } from "./render-kubelet";
import type { KeyChanges, RefusedWhen } from "./key-changes";

/** A key that a running cluster keeps, as the machines compare it with what the cluster was installed with. */
export interface FixedSetting {
  /** "bootstrap.audit" */
  readonly key: string;
  /** A text as it is, anything else as JSON. */
  readonly value: string;
  readonly when: RefusedWhen;
  /** What to do instead. */
  readonly instead: string;
  readonly byHand: boolean;
}

/** The value at a dotted path; undefined if there is no such key. */
export function valueAt(from: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return from;
  if (typeof from !== "object" || from === null) return undefined;
  return valueAt(new Map<string, unknown>(Object.entries(from)).get(first), rest);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** Where a key is a choice that has a default made from others, its outcome is what counts. */
function settingsOf(args: ClusterArgs): object {
  const { config, controller, network } = args;
  const { system, kube } = config.reserves;
  return {
    bootstrap: {
      ...config,
      controller: controller.name,
      // As the kubelet's configuration has them.
      reserves: { system: renderReserved(system), kube: renderReserved(kube) },
    },
    network,
  };
}

/** The machine's own roles, which are no key of this layer. A worker may become a control plane: it joins again. */
export function fixedRole({ name, roles }: Machine): FixedSetting {
  return {
    key: `machines.${name}.roles`,
    value: [...roles].sort().join(" "),
    when: "control plane before",
    instead:
      `put them back, or install a new system on ${name} and pin its new host key ` +
      `(\`vmstation trust ${name}\`): it then joins as another machine in its place`,
    byHand: false,
  };
}

/** What a machine has that the cluster knows by the LAN's address. */
export const NO_ADDRESS = "none";

/**
 * The address that the cluster knows the machine by, where that is not the LAN's: its Node, its certificate and etcd's
 * member are made with it.
 */
export function addressSetting({ name, clusterAddress = NO_ADDRESS }: Machine): FixedSetting {
  return {
    key: `machines.${name}.clusterAddress`,
    value: clusterAddress,
    when: "changed",
    instead:
      `put it back as it was, or leave it out where the cluster has none; ${name} gets another one by leaving first ` +
      "(allowRemoval) and being installed again, the whole cluster by `vmstation reset hard`, then `up`",
    byHand: false,
  };
}

function fixedAddress(machine: Machine): FixedSetting[] {
  return machine.clusterAddress === undefined ? [] : [addressSetting(machine)];
}

/** What a cluster without playbooks keeps of one machine; of all of them, as far as it shows, for a preview. */
export function fixedOfMachines(
  { machines }: Pick<ClusterArgs, "machines">,
  machine: Machine | undefined,
): FixedSetting[] {
  if (machine === undefined) return machines.flatMap(fixedAddress);
  return [fixedRole(machine), ...fixedAddress(machine)];
}

/** All keys that the method refuses to change under a running cluster, with `others` that it keeps too, sorted. */
export function fixedSettings(
  args: ClusterArgs,
  changes: KeyChanges,
  others: readonly FixedSetting[] = [],
): readonly FixedSetting[] {
  const settings = settingsOf(args);
  const keys = Object.entries(changes).flatMap(([key, change]): FixedSetting[] => {
    if (change.kind !== "refused") return [];
    const { when, instead, byHand } = change;
    return [{ key, value: textOf(valueAt(settings, key.split("."))), when, instead, byHand }];
  });
  return [...keys, ...others].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The same for files/fixed.sh: KEY, VALUE, WHEN, by hand or not, and what to do, between tabs. */
export function renderFixedLines(settings: readonly FixedSetting[]): string[] {
  return settings.map(({ key, value, when, instead, byHand }) =>
    [key, value, when, byHand ? "by hand" : "never", instead].join("\t"),
  );
}
