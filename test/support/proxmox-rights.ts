import { readFileSync } from "node:fs";
import path from "node:path";

const DOCUMENT = path.join(__dirname, "../../docs/hypervisor.md");

/** Path in Proxmox → rights there, as fakepve's `allow` takes them. */
export type Rights = Readonly<Record<string, readonly string[]>>;

/** What the commands of a section of docs/hypervisor.md grant: tests grant this and nothing else. */
export function documentedRights(heading: string, storage = "local-lvm"): Rights {
  const text = readFileSync(DOCUMENT, "utf8");
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/hypervisor.md has no section "${heading}"`);
  const roles = new Map(
    // A section may give a role that an earlier one has made.
    [...text.matchAll(/^ *pveum role add (\S+) --privs "([^"]+)"/gm)].map(
      ([, role = "", names = ""]) => [role, names.split(" ")],
    ),
  );
  const grants = [...section.matchAll(/^ *pveum acl modify (\S+) \$who --roles (\S+)/gm)];
  return Object.fromEntries(
    grants.map(([, where = "", role = ""]) => [
      where.replace("local-lvm", storage),
      roles.get(role) ?? [],
    ]),
  );
}

/** The same with a right less at one place: every way to leave one out. */
export function withOneLess(rights: Rights): { left: Rights; without: string; at: string }[] {
  return Object.entries(rights).flatMap(([at, names]) =>
    names.map((without) => ({
      left: { ...rights, [at]: names.filter((name) => name !== without) },
      without,
      at,
    })),
  );
}

/** Both, as Proxmox counts several roles at one place. */
export function bothRights(one: Rights, other: Rights): Rights {
  const places = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(places.map((at) => [at, [...(one[at] ?? []), ...(other[at] ?? [])]]));
}
