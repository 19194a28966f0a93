import * as ipaddr from "ipaddr.js";
import { z } from "zod";
import { parseCpu, parseDuration, parseSize } from "./units";

/**
 * The scalars that the layers' schemas are made of. Each error says what is accepted;
 * what was found and where is added once, in stacks/errors.ts.
 */

function isCidr(text: string): boolean {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return false;
  const [address, bits] = ipaddr.IPv4.parseCIDR(text);
  return ipaddr.IPv4.networkAddressFromCIDR(text).toString() === address.toString() && bits > 0;
}

/** Why IPv6 is not taken, wherever somebody writes it. */
export const ONLY_IPV4 =
  "IPv6 is not supported yet, as firewall, policies and checks are made for IPv4 (docs/decisions/ipv4-alone.md)";

/** What is accepted, and why not what looks like IPv6. */
function insteadOf(accepted: string) {
  return ({ input }: { readonly input?: unknown }): string => {
    const [address = ""] = typeof input === "string" ? input.split("/") : [];
    return ipaddr.IPv6.isValid(address) ? `${accepted}: ${ONLY_IPV4}` : accepted;
  };
}

/** An IPv4 address, four decimal parts. */
export const ipv4 = z.string().refine((s) => ipaddr.IPv4.isValidFourPartDecimal(s), {
  error: insteadOf("an IPv4 address such as 192.168.1.10"),
});

/** An IPv4 network whose host bits are zero. */
export const cidr = z
  .string()
  .refine(isCidr, { error: insteadOf("a network such as 192.168.1.0/24, host bits zero") });

/** A MAC address, kept in lower case with colons. */
export const mac = z
  .string()
  .regex(
    /^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$/,
    "a MAC address such as 52:54:00:12:34:56 (quoted in YAML)",
  )
  .transform((s) => s.toLowerCase().replaceAll("-", ":"));

/** A host name or object name: RFC 1123 label, lower case. */
export const dnsLabel = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "a name such as nas-1: lower-case letters, digits and hyphens, 63 characters at most (RFC 1123)",
  );

export const dnsName = z
  .string()
  .max(253)
  .regex(
    /^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$/,
    "a DNS name such as vmstation.local",
  );

/** A host: an IPv4 address or a DNS name. */
export const host = z.union([ipv4, dnsName], {
  error: insteadOf("an IPv4 address or a DNS name"),
});

export const port = z
  .int("a port, 1 to 65535")
  .min(1, "a port, 1 to 65535")
  .max(65_535, "a port, 1 to 65535");

/** A port that Kubernetes opens on every machine (the API server's default range). */
export const nodePort = z
  .int("a NodePort, 30000 to 32767")
  .min(30_000, "a NodePort, 30000 to 32767")
  .max(32_767, "a NodePort, 30000 to 32767");

/** A duration, as whole seconds. */
export const duration = z.string("a duration such as 15m or 2h").transform((text, ctx) => {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  ctx.addIssue({ code: "custom", message: "a duration such as 15m or 2h", input: text });
  return z.NEVER;
});

/** A size, as bytes. */
export const size = z.string("a size such as 25Gi or 500M").transform((text, ctx) => {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  ctx.addIssue({ code: "custom", message: "a size such as 25Gi or 500M", input: text });
  return z.NEVER;
});

/** A CPU quantity, kept as written ("500m", "2"). YAML gives whole cores as numbers. */
export const cpu = z
  .union([z.string(), z.number()], "a CPU quantity such as 500m or 2")
  .transform(String)
  .refine((s) => parseCpu(s) !== undefined, "a CPU quantity such as 500m or 2");

/** Whether a number still has the digits that were written: beyond 2^53 JSON and YAML keep the first 16 or so. */
export function isExact(value: number): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

export const EXACT = "a number in quotes: without them one of more than 15 digits is rounded";

/** A number that goes on as text, digit by digit. */
export const exactNumber = z.number().refine(isExact, EXACT);

/** An absolute path as it is, without "." or ".." (by which /./etc would not look like /etc), a trailing slash or white space, safe in fstab and unit files. */
export const absolutePath = z
  .string()
  .regex(/^(\/|(\/[\w@%+=:,.-]+)+)$/, "an absolute path without spaces, such as /srv/media")
  .refine((s) => !/\/\.{1,2}(\/|$)/.test(s), "an absolute path without . and ..");

/** The error for a map of which `key` selects one of several kinds. */
export function oneKind(key: string, names: readonly string[]): z.core.$ZodErrorMap {
  const [first = ""] = names;
  const all = `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;
  return ({ code }) =>
    code === "invalid_type" ? `a map such as { ${key}: ${first} }` : `${key} ${all}`;
}

/** The name of a flat `vmstation:<name>` key that holds a secret. */
export const secretName = z
  .string()
  .regex(
    /^[a-z][A-Za-z0-9]*$/,
    "the name of a secret key, such as bmcPassword (npx vmstation pulumi config set --secret vmstation:bmcPassword)",
  );

/** The key of a Kubernetes label. */
export const labelKey = z
  .string()
  .regex(
    /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
    "a label key such as vmstation.io/role",
  );

/** The value of a Kubernetes label. */
export const labelValue = z
  .string("a label value (quote true, false and numbers in YAML)")
  .regex(
    /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
    "a label value of 63 characters at most",
  );

/** requests and limits of one container; memory in bytes. */
export const resources = (d: {
  requests: { cpu: string; memory: string };
  limits: { cpu: string; memory: string };
}) =>
  z
    .strictObject({
      requests: z
        .strictObject({
          cpu: cpu.prefault(d.requests.cpu).describe("CPU cores that are reserved"),
          memory: size.prefault(d.requests.memory).describe("Memory that is reserved"),
        })
        .prefault({}),
      limits: z
        .strictObject({
          cpu: cpu.prefault(d.limits.cpu).describe("CPU cores that it may use"),
          memory: size.prefault(d.limits.memory).describe("Memory that it may use"),
        })
        .prefault({}),
    })
    .prefault({});

/** What {@link resources} yields. */
export interface Resources {
  requests: { cpu: string; memory: number };
  limits: { cpu: string; memory: number };
}
