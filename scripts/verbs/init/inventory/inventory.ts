import { dirname } from "node:path";
import { statSync } from "node:fs";
import { UserError } from "../../../kit/user-error";
import { ancestorsOf, type Group, InventoryData } from "./data";
import { byCodePoints } from "./python";
import { readSource } from "./source";
import { mergeVariables, type Variables } from "./values";
import { type ReadVariables, variablesIn } from "./variables";

/** A host with all its groups, those of its groups among them, and the variables that hold for it. */
export interface InventoryHost {
  readonly name: string;
  readonly groups: ReadonlySet<string>;
  readonly variables: Variables;
}

export interface Inventory {
  readonly hosts: readonly InventoryHost[];
  /** What was skipped, for its owner to know. */
  readonly remarks: readonly string[];
}

export interface ReadOptions {
  /** Leaves out files that are encrypted, instead of refusing them. */
  readonly withoutVault?: boolean;
}

/**
 * Reads an Ansible inventory, or a folder of them, and the group_vars and host_vars beside it, as Ansible does.
 * What init cannot read is refused by its name.
 */
export function readInventory(path: string, { withoutVault = false }: ReadOptions = {}): Inventory {
  const data = new InventoryData();
  readSource(path, data, withoutVault);
  completeGroups(data);
  const folder = statSync(path).isDirectory() ? path : dirname(path);
  const hosts = resolveHosts(data, variablesIn(folder, withoutVault));
  if (hosts.length > 0) return { hosts, remarks: data.remarks };
  throw new UserError([`${path} has no hosts.`, ...data.remarks].join("\n"));
}

/** Every group is below "all", whatever else it is below; a host in no other group is in "ungrouped". */
function completeGroups(data: InventoryData): void {
  for (const group of data.groups.values()) {
    if (group.name !== "all" && group.parents.size === 0) data.addChild("all", group.name);
  }
  for (const host of data.hosts.keys()) {
    const others = [...groupsOf(host, data)].map(({ name }) => name).filter((n) => n !== "all");
    const isGrouped = others.some((name) => name !== "ungrouped");
    if (isGrouped) data.addGroup("ungrouped").hosts.delete(host);
    else if (data.groups.has(host)) {
      throw new UserError(
        `${host} is both a host without a group and a group. Ansible mixes them up: rename one of them.`,
      );
    } else data.addHost(host, "ungrouped", undefined);
  }
}

/**
 * Ansible's order, later ones win: all's variables, those of the groups from the outermost to the innermost; then
 * the files of group_vars in the same order; then the host's own, and its files in host_vars.
 */
function resolveHosts(data: InventoryData, readFiles: ReadVariables): InventoryHost[] {
  const read = remember((group) => readFiles("group_vars", group.name));
  return [...data.hosts].map(([name, own]) => {
    const mine = groupsOf(name, data);
    const ordered = [...mine].sort(byPrecedence);
    return {
      name,
      groups: new Set(ordered.map((group) => group.name)),
      variables: mergeVariables([
        ...ordered.map(({ variables }) => variables),
        ...ordered.map(read),
        own,
        readFiles("host_vars", name),
      ]),
    };
  });
}

function remember(read: (group: Group) => Variables): (group: Group) => Variables {
  const known = new Map<Group, Variables>();
  return (group) => {
    const variables = known.get(group) ?? read(group);
    known.set(group, variables);
    return variables;
  };
}

function byPrecedence(a: Group, b: Group): number {
  return a.depth - b.depth || a.priority - b.priority || byCodePoints(a.name, b.name);
}

/** The groups that name the host, all that are above them, and "all". */
function groupsOf(host: string, data: InventoryData): Set<Group> {
  const naming = [...data.groups.values()].filter(({ hosts }) => hosts.has(host));
  const above = naming.flatMap((group) => [...ancestorsOf(group), group]);
  return new Set([data.addGroup("all"), ...above]);
}
