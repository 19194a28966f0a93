import type { Access } from "../../shared/hosts";
import type { AppRoute } from "./app";

/** The route of an app by its keys `host` and `access`; none where it has no name. */
export function routeOf(
  app: string,
  { host, access = "internal" }: { host?: string | undefined; access?: Access | undefined },
  port: string,
): AppRoute | undefined {
  if (host === undefined) return undefined;
  return { path: `apps.${app}.host`, written: host, access, port };
}
