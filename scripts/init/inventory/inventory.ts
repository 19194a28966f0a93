import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { EXIT, UserError } from "../../user-error";
import { parseYamlFile } from "../../plan/yaml-file";
import { isMap } from "../../plan/stack-config";
import type { Groups, Variables } from "./groups";
import { parseIni } from "./ini";
import { parseYamlInventory } from "./yaml";

/** A host with all its groups, those of its groups among them, and the variables that hold for it. */
export interface InventoryHost {
  readonly name: string;
  readonly groups: ReadonlySet<string>;
  readonly variables: Variables;
}

/** Reads an Ansible inventory, and the group_vars and host_vars beside it. */
export function readInventory(file: string): InventoryHost[] {
  if (!existsSync(file)) throw new UserError(`There is no ${file}.`);
  if (statSync(file).isDirectory()) {
    throw new UserError(`${file} is a folder: name one inventory file in it.`);
  }
  const text = readFileSync(file, "utf8");
  const isYaml = [".yml", ".yaml", ".json"].includes(extname(file)) || text.startsWith("---");
  const groups = isYaml ? parseYamlInventory(file, text) : parseIni(file, text);
  return resolveHosts(file, groups, (kind, name) => readVariables(dirname(file), kind, name));
}

type ReadVariables = (kind: "group_vars" | "host_vars", name: string) => Variables;

/** Ansible's order: all, then groups from the outermost to the innermost, then the host's own. */
export function resolveHosts(
  file: string,
  groups: Groups,
  read: ReadVariables = () => ({}),
): InventoryHost[] {
  const parents = parentsOf(file, groups);
  const depth = (name: string, below: readonly string[] = []): number => {
    if (below.includes(name)) {
      throw new UserError(`${file}: the group ${name} is among its own children.`, EXIT.fail);
    }
    const above = parents.get(name) ?? [];
    return 1 + Math.max(0, ...above.map((parent) => depth(parent, [...below, name])));
  };
  const order = [...groups.keys()]
    .filter((name) => name !== "all")
    .sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  const names = [...new Set([...groups.values()].flatMap(({ hosts }) => [...hosts.keys()]))];
  const common = { ...groups.get("all")?.variables, ...read("group_vars", "all") };
  const shared = new Map(
    order.map((name) => [name, { ...groups.get(name)?.variables, ...read("group_vars", name) }]),
  );
  return names.map((name) => {
    const mine = ancestors(name, groups, parents);
    const own = [...groups.values()].map(({ hosts }) => hosts.get(name) ?? {});
    const layers = order.flatMap((group) => (mine.has(group) ? [shared.get(group) ?? {}] : []));
    const all = [common, ...layers, ...own, read("host_vars", name)];
    return { name, groups: mine, variables: merge(all) };
  });
}

/** Later ones win. */
function merge(layers: readonly Variables[]): Variables {
  return layers.reduce<Variables>((merged, layer) => ({ ...merged, ...layer }), {});
}

function parentsOf(file: string, groups: Groups): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const [name, { children }] of groups) {
    for (const child of children) {
      if (!groups.has(child)) {
        throw new UserError(
          `${file}: ${name} has the child ${child}, which is no group.`,
          EXIT.fail,
        );
      }
      parents.set(child, [...(parents.get(child) ?? []), name]);
    }
  }
  return parents;
}

function ancestors(
  host: string,
  groups: Groups,
  parents: ReadonlyMap<string, readonly string[]>,
): Set<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    parents.get(name)?.forEach(visit);
  };
  for (const [name, group] of groups) if (group.hosts.has(host)) visit(name);
  return found;
}

/** group_vars/NAME, with or without .yml, a file or a folder of files. What a vault encrypts is left out. */
function readVariables(folder: string, kind: string, name: string): Variables {
  const paths = ["", ".yml", ".yaml", ".json"].map((end) => join(folder, kind, `${name}${end}`));
  const files = paths.filter((path) => existsSync(path)).flatMap(listFiles);
  const maps = files.map((path): Variables => {
    const text = readFileSync(path, "utf8");
    // `!vault` marks single values that are encrypted; nothing that is read here ever is.
    const content = text.startsWith("$ANSIBLE_VAULT") ? {} : parseYamlFile(path, text);
    return isMap(content) ? content : {};
  });
  return merge(maps);
}

function listFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((file) => !basename(file).startsWith(".") && /(^[^.]+|\.(ya?ml|json))$/.test(file))
    .sort()
    .map((file) => join(path, file));
}
