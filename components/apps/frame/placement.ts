import { SLEEPS_WITH, TAINTS_OF_SLEEP } from "../../shared/labels";
import type { AppPlacement } from "./app";

/**
 * Keeps a pod on its machine, which the configuration names and whose own taints ("key=value:NoSchedule") are
 * therefore no reason to stay away. Where it sleeps, the pod tolerates its absence without a time limit: the
 * node lifecycle controller would otherwise delete it five minutes after the machine has gone to sleep.
 */
export function renderPlacement(
  machine: string,
  sleeps: boolean,
  taints: readonly string[] = [],
): AppPlacement {
  return {
    nodeSelector: { "kubernetes.io/hostname": machine },
    tolerations: [...taints, ...(sleeps ? TAINTS_OF_SLEEP : [])].map(renderToleration),
  };
}

/** Keeps a pod off the machines that sleep: one of them would stay awake for it, or take it along. */
export function renderPlacementAnywhere(
  machines: readonly { readonly name: string; readonly sleeps: boolean }[],
): AppPlacement {
  const values = machines.filter(({ sleeps }) => sleeps).map(({ name }) => name);
  if (values.length === 0) return { nodeSelector: {}, tolerations: [] };
  const matchExpressions = [{ key: "kubernetes.io/hostname", operator: "NotIn", values }];
  return {
    nodeSelector: {},
    tolerations: [],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions }],
        },
      },
    },
  };
}

function renderToleration(taint: string): AppPlacement["tolerations"][number] {
  const [name = "", effect] = taint.split(":");
  const [key] = name.split("=");
  return { key, operator: "Exists", effect };
}

export function renderSelector(app: string): Record<string, string> {
  return { "app.kubernetes.io/name": app, "app.kubernetes.io/instance": app };
}

export function renderLabels(
  app: string,
  machine: string | undefined,
  sleeps: boolean,
): Record<string, string> {
  return {
    ...renderSelector(app),
    "app.kubernetes.io/part-of": "vmstation",
    ...(sleeps && machine !== undefined ? { [SLEEPS_WITH]: machine } : {}),
  };
}
