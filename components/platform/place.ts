import type { Machine } from "../node/machine";

/** What of a machine decides whether the platform may run there. */
export type PlatformMachine = Pick<Machine, "name" | "sleeps" | "roles">;

/**
 * Machines for what must always be there: workers that never sleep, or control planes that never sleep where no other
 * machine does so. Names, sorted.
 */
export function steadyMachines(machines: readonly PlatformMachine[]): readonly string[] {
  const steady = machines.filter(({ sleeps }) => !sleeps);
  const workers = steady.filter(({ roles }) => !roles.includes("control-plane"));
  return (workers.length > 0 ? workers : steady).map(({ name }) => name).sort();
}

const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

/** The part of a pod's spec that keeps it on some machines, also where these have the control plane's taint. */
export function renderPlatformPlacement(machines: readonly string[]) {
  return {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [onMachines(machines)] }],
        },
      },
    },
    tolerations: [{ key: CONTROL_PLANE, operator: "Exists", effect: "NoSchedule" }],
  };
}

/** The part of a pod's spec by which pods of a Deployment go to different machines where they can. */
export function spreadOver(labels: Readonly<Record<string, string>>) {
  return {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: { ...labels } },
  };
}

/** A selector's expression that holds for the nodes of some machines. */
export function onMachines(machines: readonly string[]) {
  return { key: "kubernetes.io/hostname", operator: "In", values: [...machines] };
}
