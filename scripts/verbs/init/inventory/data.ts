import { UserError } from "../../../kit/user-error";
import { parseInteger } from "./python";
import { typeOf, type Value } from "./values";

/** A group while its inventory is read. */
export interface Group {
  readonly name: string;
  readonly hosts: Set<string>;
  readonly children: Set<Group>;
  readonly parents: Set<Group>;
  readonly variables: Map<Value, Value>;
  /** The longest way from "all"; among equally deep ones the higher priority wins. */
  depth: number;
  priority: number;
}

/**
 * What an inventory's files say, gathered in their order, with Ansible's rules: the first mention of a host
 * sets its port; a host that is named as a group is shares its variables with it.
 */
export class InventoryData {
  readonly groups = new Map<string, Group>();
  readonly hosts = new Map<string, Map<Value, Value>>();
  /** What is skipped, as Ansible skips it. */
  readonly remarks: string[] = [];

  constructor() {
    for (const name of ["all", "ungrouped"]) this.addGroup(name);
    this.addChild("all", "ungrouped");
  }

  addGroup(name: string): Group {
    if (name === "") throw new UserError("the name of a group is empty");
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const group: Group = {
      ...{ name, hosts: new Set(), children: new Set(), parents: new Set() },
      ...{ variables: new Map(), depth: 0, priority: 1 },
    };
    this.groups.set(name, group);
    return group;
  }

  addHost(name: string, group: string, port: number | undefined): void {
    if (!this.hosts.has(name)) {
      this.hosts.set(name, new Map(port ? [["ansible_port", port]] : []));
    }
    this.groupOf(group).hosts.add(name);
  }

  setVariable(owner: string, name: Value, value: Value): void {
    const group = this.groups.get(owner);
    if (group !== undefined && name === "ansible_group_priority") {
      group.priority = toPriority(value);
      return;
    }
    (group?.variables ?? this.hosts.get(owner))?.set(name, value);
  }

  addChild(parentName: string, childName: string): void {
    const [parent, child] = [this.groupOf(parentName), this.groupOf(childName)];
    if (parent.children.has(child)) return;
    if (parent === child || ancestorsOf(parent).has(child)) {
      throw new UserError(`the group ${childName} contains itself`);
    }
    if (parentName === "ungrouped") {
      throw new UserError(
        `${childName} is a child of "ungrouped", which is for hosts without a group: give it another parent`,
      );
    }
    parent.children.add(child);
    child.parents.add(parent);
    deepen(child, parent.depth + 1);
  }

  private groupOf(name: string): Group {
    const group = this.groups.get(name);
    if (group === undefined) throw new Error(`the group ${name} was not added`);
    return group;
  }
}

function toPriority(value: Value): number {
  const number =
    typeof value === "string"
      ? parseInteger(value)
      : typeof value === "number" || typeof value === "boolean"
        ? Math.trunc(Number(value))
        : undefined;
  if (number !== undefined) return number;
  throw new UserError(`ansible_group_priority must be a number, found ${typeOf(value)}`);
}

function deepen(group: Group, depth: number): void {
  if (group.depth >= depth) return;
  group.depth = depth;
  for (const child of group.children) deepen(child, depth + 1);
}

/** All groups above this one, itself not among them. */
export function ancestorsOf(group: Group): Set<Group> {
  const found = new Set<Group>();
  const visit = ({ parents }: Group): void => {
    for (const parent of parents) {
      if (found.has(parent)) continue;
      found.add(parent);
      visit(parent);
    }
  };
  visit(group);
  return found;
}
