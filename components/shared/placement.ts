import type { Values } from "./json";
import type { Resources } from "./scalars";
import { renderQuantity } from "./units";

const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

/** Helm values that keep a pod on one machine, also where that has the control plane's taint. */
export function renderPlacement(machine: string) {
  return {
    nodeSelector: { "kubernetes.io/hostname": machine },
    tolerations: [{ key: CONTROL_PLANE, operator: "Exists", effect: "NoSchedule" }],
  };
}

/** Tolerations of what runs on every machine, whatever its taints and state. */
export const EVERYWHERE = [{ operator: "Exists" }] as const;

/** A container's `resources`. */
export function renderResources(resources: Resources) {
  return {
    requests: {
      cpu: resources.requests.cpu,
      memory: renderQuantity(resources.requests.memory),
    },
    limits: { cpu: resources.limits.cpu, memory: renderQuantity(resources.limits.memory) },
  };
}

/** Helm values that set `keys` (outermost first) to the registry; nothing if no registry is configured. */
export function renderRegistry(registry: string | undefined, ...keys: readonly string[]): Values {
  if (registry === undefined) return {};
  const [outermost, ...inner] = keys;
  if (outermost === undefined) return {};
  const value = inner.reduceRight<Values | string>((below, key) => ({ [key]: below }), registry);
  return { [outermost]: value };
}

const MEBI = 2 ** 20;

/** Requests and limits of a container that has no keys in the configuration, in MiB. */
export function smallResources(requestMi: number, limitMi: number): Resources {
  return {
    requests: { cpu: "10m", memory: requestMi * MEBI },
    limits: { cpu: "200m", memory: limitMi * MEBI },
  };
}
