import { z } from "zod";
import type { ProxmoxApi } from "./api";

/** Rights by path in Proxmox. */
export type Rights = Readonly<Record<string, readonly string[]>>;

const permissions = z.record(z.string(), z.record(z.string(), z.unknown()));

/** What the token lacks of them, by path; a path where nothing is missing is left out. */
export async function findMissingRights(
  api: Pick<ProxmoxApi, "get">,
  needed: Rights,
): Promise<Rights> {
  const missing: [string, string[]][] = [];
  for (const [where, names] of Object.entries(needed)) {
    const path = `/access/permissions?path=${encodeURIComponent(where)}`;
    const held = permissions.parse(await api.get(path));
    const left = names.filter((name) => held[where]?.[name] === undefined);
    if (left.length > 0) missing.push([where, left]);
  }
  return Object.fromEntries(missing);
}
