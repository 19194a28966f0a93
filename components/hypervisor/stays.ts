import { z } from "zod";

/**
 * Variable by which `vmstation` tells the program which virtual machines an update leaves on their hosts: the program
 * itself sees neither Proxmox nor what the configuration was before. Without it a machine is where the configuration has
 * it, as Pulumi would do it.
 */
export const STAYS = "VMSTATION_STAYS";

const staysSchema = z.record(z.string(), z.string());

/** Machines with the host that each was configured for when it was last moved. */
export function renderStays(stays: ReadonlyMap<string, string>): string {
  return JSON.stringify(Object.fromEntries(stays));
}

export function parseStays(text: string | undefined): ReadonlyMap<string, string> {
  if (text === undefined || text === "") return new Map();
  return new Map(Object.entries(staysSchema.parse(JSON.parse(text))));
}
