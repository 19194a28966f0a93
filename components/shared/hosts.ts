import { z } from "zod";

const HOST =
  "a label such as photos, a name such as photos.example.org, or @ for vmstation:platform.domain itself";

/** What a user writes for the name of an app behind the ingress. */
const hostText = z
  .string(HOST)
  .regex(/^(@|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*)$/, HOST);

/** The keys of whatever may have a name behind the ingress. */
export const hostKeys = {
  host: hostText.optional().describe("Its name behind vmstation:platform.ingress; default: none"),
  access: z
    .enum(["lan", "internal", "public"])
    .optional()
    .describe(
      "Who reaches it and how: the LAN by its NodePort (lan, the default without a host), home by its name (internal, the default with one), or everybody by its name and vmstation:platform.tunnel",
    ),
};

export type Access = "lan" | "internal" | "public";

/** The stack's domains. */
export interface Domains {
  readonly domain: string | undefined;
  readonly internalDomain: string;
}

/** A name behind the ingress, and what answers there. */
export interface HostUse {
  /** The key that names it: "apps.jellyfin.host". */
  readonly path: string;
  /** As written: "photos", "@". */
  readonly written: string;
  readonly access: Access;
  /** Of a second name of the same thing: what tells its objects from those of the first, "admin". */
  readonly suffix?: string | undefined;
  /** Paths that nobody reaches by this name, each with all below it: "/admin". */
  readonly closed?: readonly string[] | undefined;
  /** The Service behind it. */
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /**
   * For an app whose machine sleeps: where the control plane holds its port, asleep or awake. A request there wakes
   * the machine.
   */
  readonly held?: { readonly address: string; readonly port: number } | undefined;
}

/** The whole name; undefined where it needs a domain that the configuration does not name. */
export function fullName(
  { written, access }: Pick<HostUse, "written" | "access">,
  { domain, internalDomain }: Domains,
): string | undefined {
  if (written === "@") return domain;
  if (written.includes(".")) return written;
  const below = access === "public" ? domain : internalDomain;
  return below === undefined ? undefined : `${written}.${below}`;
}

/** Whether a name is a domain, or lies below it. */
export function isBelow(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}
