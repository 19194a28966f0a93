import { EXIT, UserError } from "../../../kit/user-error";
import { parseHostPattern } from "./address";
import type { InventoryData } from "./data";
import { isFilled, isValueMap, show, typeOf, type Value, type ValueMap } from "./values";

const SECTIONS = ["vars", "children", "hosts"] as const;

/** Ansible's YAML format: groups with `hosts`, `children` and `vars`, usually all below `all`. */
export function readYamlGroups(file: string, groups: ValueMap, data: InventoryData): void {
  for (const [name, group] of groups) addGroup(file, name, group, data);
}

function addGroup(file: string, name: Value, content: Value, data: InventoryData): boolean {
  if (typeof name !== "string" || name === "") {
    throw new UserError(
      `${file}: the name of a group must be text, found ${typeOf(name)}: put ${show(name)} in quotes`,
      EXIT.fail,
    );
  }
  if (content !== null && !isValueMap(content)) {
    data.remarks.push(
      `${file}: ${name} is skipped: a group must be a map, found ${typeOf(content)}`,
    );
    return false;
  }
  data.addGroup(name);
  const group = content ?? new Map<Value, Value>();
  const sections = new Map(SECTIONS.map((key) => [key, sectionOf(file, name, group, key)]));
  // In the file's order: a later group may refer to an earlier one.
  for (const [key, value] of group) {
    if (key === "vars") addVariables(name, sections.get("vars"), data);
    else if (key === "children") addChildren(file, name, sections.get("children"), data);
    else if (key === "hosts") addHosts(file, name, sections.get("hosts"), data);
    else if (value !== null) {
      const what = `${show(key)} of the group ${name} is skipped`;
      data.remarks.push(`${file}: ${what}: hosts, children and vars are accepted`);
    }
  }
  return true;
}

/** A single name is short for a map of it. */
function sectionOf(file: string, group: string, content: ValueMap, key: string): ValueMap {
  const value = content.get(key);
  if (typeof value === "string") return new Map([[value, null]]);
  if (value === undefined || value === null) return new Map();
  if (isValueMap(value)) return value;
  const hint = Array.isArray(value) ? `write each of them as "NAME:"` : "write a map";
  throw new UserError(`${file}: ${group}.${key} is ${typeOf(value)}: ${hint}`, EXIT.fail);
}

function addVariables(group: string, section: ValueMap | undefined, data: InventoryData): void {
  for (const [key, value] of section ?? []) data.setVariable(group, key, value);
}

function addChildren(
  file: string,
  group: string,
  section: ValueMap | undefined,
  data: InventoryData,
): void {
  for (const [child, content] of section ?? []) {
    const name = show(child);
    const isGroup = addGroup(file, child, content, data) || data.groups.has(name);
    if (isGroup) data.addChild(group, name);
    else if (data.hosts.has(name)) data.addHost(name, group, undefined);
    else throw new UserError(`${file}: ${group}.children.${name} is not a group`, EXIT.fail);
  }
}

function addHosts(
  file: string,
  group: string,
  section: ValueMap | undefined,
  data: InventoryData,
): void {
  for (const [pattern, content] of section ?? []) {
    const path = `${file}: ${group}.hosts.${show(pattern)}`;
    if (typeof pattern !== "string") {
      throw new UserError(`${path}: a host's name must be text: put it in quotes`, EXIT.fail);
    }
    if (isFilled(content) && !isValueMap(content)) {
      throw new UserError(`${path} must be a map, found ${typeOf(content)}`, EXIT.fail);
    }
    const { hosts, port } = parseHostPattern(pattern);
    for (const host of hosts) {
      data.addHost(host, group, port);
      for (const [key, value] of isValueMap(content) ? content : []) {
        data.setVariable(host, key, value);
      }
    }
  }
}
