import { fullName } from "../shared/hosts";
import type { IngressOffer } from "../shared/routes";
import type { NamedService } from "./part";

/** None where the configuration gives it no name. */
export function namedService(
  service: Omit<NamedService, "written"> & { readonly written: string | undefined },
): readonly NamedService[] {
  const { name, written, path, service: own, servicePort, pods, port } = service;
  if (written === undefined) return [];
  return [{ name, written, path, service: own, servicePort, pods, port }];
}

/** Where people open what has that name, "https://grafana.example.org"; undefined without an ingress. */
export function namedUrl(
  written: string | undefined,
  ingress: IngressOffer | undefined,
): string | undefined {
  if (written === undefined || ingress === undefined) return undefined;
  const name = fullName({ written, access: "internal" }, ingress);
  return name === undefined ? undefined : `https://${name}`;
}
