import { z } from "zod";

const file = z.strictObject({
  tunnel: z.string(),
  "credentials-file": z.string(),
  ingress: z.array(z.strictObject({ hostname: z.string().optional(), service: z.string() })),
});

/**
 * What cloudflared has against a configuration, by what its documents say of `ingress`: each service a status, or an
 * address with scheme and host and no path; a pattern only in front; the last rule, and no other, for all names.
 */
export function faultsOf(configuration: unknown): string[] {
  const { ingress } = file.parse(configuration);
  if (ingress.length === 0) return ["no ingress rules"];
  return ingress.flatMap(({ hostname = "", service }, i) => {
    const catchesAll = hostname === "" || hostname === "*";
    const isLast = i === ingress.length - 1;
    return [
      ...serviceFaults(service),
      ...(hostname.includes(":") ? [`${hostname} has a port`] : []),
      ...(hostname.lastIndexOf("*") > 0 ? [`${hostname} has a pattern inside`] : []),
      ...(isLast && !catchesAll ? ["the last rule is not for all names"] : []),
      ...(!isLast && catchesAll ? [`rule ${i + 1} hides those below it`] : []),
    ];
  });
}

function serviceFaults(service: string): string[] {
  const status = /^http_status:(.*)$/.exec(service)?.[1];
  if (status !== undefined) return /^[1-9]\d\d$/.test(status) ? [] : [`${status} is no status`];
  if (!URL.canParse(service)) return [`${service} is no address`];
  const path = /^[a-z]+:\/\/[^/]+(\/.*)?$/.exec(service);
  if (path === null) return [`${service} has no scheme or no host`];
  return path[1] === undefined ? [] : [`${service} has a path`];
}
