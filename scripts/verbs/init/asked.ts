import { isIP } from "node:net";
import type { z } from "zod";
import type { machineSchema } from "../../../components/node/config";

/** What is known of a machine before anybody has looked at it: from a person, or from an inventory. */
export interface AskedMachine {
  readonly name: string;
  /** IPv4. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly roles: readonly z.infer<typeof machineSchema>["roles"][number][];
  readonly sleeps: boolean;
  /** Value of the label vmstation.io/role, such as storage. */
  readonly label: string | undefined;
  /** The virtual machine that it was chosen as; its hardware is none of the stack's. */
  readonly vm?: { readonly id: number; readonly host: string };
}

/**
 * A host's name as a machine's name here: its first label, in lower case, with hyphens for what a name cannot have. An
 * address has no such label: "node-192-168-4-61".
 */
export function machineName(host: string): string {
  const [label = ""] = isIP(host) === 0 ? host.split(".") : [`node-${host}`];
  return label
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");
}
