import type { MemoryUse } from "../shared/facts";
import type { Resources } from "../shared/scalars";

const MEBI = 2 ** 20;

/** Requests and limits of a container that has no keys in the configuration, in MiB. */
export function smallResources(requestMi: number, limitMi: number): Resources {
  return {
    requests: { cpu: "10m", memory: requestMi * MEBI },
    limits: { cpu: "200m", memory: limitMi * MEBI },
  };
}

/** The container beside Prometheus, Alertmanager and Alloy that tells them of a new configuration. */
export const CONFIG_RELOADER = smallResources(16, 50);

/** The limit that the configuration sets at monitoring.KEY.resources. */
export function configuredMemory(
  key: string,
  user: string,
  { resources }: { readonly resources: Resources },
  machine: string,
): MemoryUse {
  const path = `monitoring.${key}.resources.limits.memory`;
  return { path, user, bytes: resources.limits.memory, machine };
}

/** A limit that no key of the configuration changes. */
export function fixedMemory(user: string, resources: Resources, machine: string): MemoryUse {
  return { path: "monitoring", user, bytes: resources.limits.memory, machine };
}
