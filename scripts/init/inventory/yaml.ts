import { isMap } from "../../plan/stack-config";
import { parseYamlFile } from "../../plan/yaml-file";
import { EXIT, UserError } from "../../user-error";
import { groupNamed, type Groups, type Variables } from "./groups";
import { expandRanges } from "./ranges";

/** Ansible's YAML format: groups with `hosts`, `children` and `vars`, usually all below `all`. */
export function parseYamlInventory(file: string, text: string): Groups {
  const content = parseYamlFile(file, text);
  if (!isMap(content))
    throw new UserError(`${file} is no inventory: a map of groups is accepted.`, EXIT.fail);
  const groups: Groups = new Map();
  for (const [name, group] of Object.entries(content)) addGroup(file, groups, name, group);
  return groups;
}

function addGroup(file: string, groups: Groups, name: string, content: unknown): void {
  const group = groupNamed(groups, name);
  const { hosts, children, vars } = mapOf(file, name, content);
  for (const [pattern, variables] of Object.entries(mapOf(file, `${name}.hosts`, hosts))) {
    for (const host of expandRanges(pattern)) {
      const own: Variables = mapOf(file, `${name}.hosts.${pattern}`, variables);
      group.hosts.set(host, { ...group.hosts.get(host), ...own });
    }
  }
  group.variables = { ...group.variables, ...mapOf(file, `${name}.vars`, vars) };
  for (const [child, below] of Object.entries(mapOf(file, `${name}.children`, children))) {
    group.children.push(child);
    addGroup(file, groups, child, below);
  }
}

/** What is left out counts as empty. */
function mapOf(file: string, path: string, value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (isMap(value)) return value;
  throw new UserError(`${file}: ${path} is no map.`, EXIT.fail);
}
