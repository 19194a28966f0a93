import type { NamedService } from "./part";

/** None where the configuration gives it no name. */
export function namedService(
  service: Omit<NamedService, "written"> & { readonly written: string | undefined },
): readonly NamedService[] {
  const { name, written, path, service: own, servicePort, pods, port } = service;
  if (written === undefined) return [];
  return [{ name, written, path, service: own, servicePort, pods, port }];
}
