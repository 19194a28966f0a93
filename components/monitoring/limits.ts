import type { MemoryUse } from "../shared/facts";
import { smallResources } from "../shared/placement";
import type { Resources } from "../shared/scalars";

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
