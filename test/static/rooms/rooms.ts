import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Graph } from "../../../scripts/kit/graph/graph";
import { reduceTransitively } from "../../../scripts/kit/graph/reduction";

/** The rooms in groups, what all stand on last. A name with a slash at its end means the folders in it. */
const GROUPS: readonly (readonly [title: string, rooms: readonly string[]])[] = [
  ["the command", ["scripts/verbs", "scripts/kit", "scripts/engine", "scripts/loader"]],
  ["what a stack is", ["index.ts", "stacks", "stacks/rules"]],
  ["the layers", ["components/"]],
  [
    "what the layers stand on",
    ["components/remote/agent", "components/remote", "components/shared", "components/versions"],
  ],
];

/** Imports of values in TypeScript; `import type` takes no room into another. */
const IMPORT = /^(?:import|export)\s(?!type\s)[^;]*?from\s+"(\.[^"]+)";/gm;

interface Room {
  readonly name: string;
  readonly group: string;
}

function listRooms(root: string): Room[] {
  const named = GROUPS.flatMap(([group, names]) =>
    names.filter((name) => !name.endsWith("/")).map((name) => ({ group, name })),
  );
  const open = GROUPS.flatMap(([group, names]) =>
    names
      .filter((name) => name.endsWith("/"))
      .flatMap((folder) =>
        foldersIn(path.join(root, folder))
          .map((each) => `${folder}${each}`)
          .filter((name) => named.every((room) => room.name !== name))
          .map((name) => ({ group, name })),
      ),
  );
  return [...named, ...open];
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "files")
    .map(({ name }) => name)
    .sort();
}

function filesOf(top: string): string[] {
  return readdirSync(top, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.join(top, file));
}

/** The room that a file is in: the innermost that holds it. */
function roomOf(rooms: readonly Room[], file: string): string | undefined {
  const holding = rooms.filter(({ name }) => file === name || file.startsWith(`${name}/`));
  return holding.sort((a, b) => b.name.length - a.name.length)[0]?.name;
}

function importsOf(root: string, file: string): string[] {
  const text = readFileSync(path.join(root, file), "utf8");
  return [...text.matchAll(IMPORT)].map(([, target = ""]) => {
    return path.posix.join(path.posix.dirname(file), target);
  });
}

/** What each room imports of others, as values. */
export function roomEdges(root: string): Map<string, Set<string>> {
  const rooms = listRooms(root);
  const edges = new Map(rooms.map(({ name }) => [name, new Set<string>()]));
  const files = ["components", "scripts", "stacks"].flatMap((top) => filesOf(path.join(root, top)));
  for (const file of ["index.ts", ...files.map((each) => path.relative(root, each))]) {
    const from = roomOf(rooms, file);
    if (from === undefined) continue;
    for (const target of importsOf(root, file)) {
      const to = roomOf(rooms, target);
      if (to !== undefined && to !== from) edges.get(from)?.add(to);
    }
  }
  return edges;
}

/** The picture: rooms by group, the folders in each, and the imports between them that others do not imply. */
export function drawRooms(root: string): Graph {
  const rooms = listRooms(root);
  const idOf = (name: string): string => name.replace(/\W/g, "_");
  const isRoom = (name: string): boolean => rooms.some((room) => room.name === name);
  const boxes = GROUPS.map(([title]) => ({
    title,
    nodes: rooms
      .filter(({ group }) => group === title)
      .map(({ name }) => ({ id: idOf(name), title: name, parts: partsOf(root, name, isRoom) })),
  }));
  const edges = [...reduceTransitively(roomEdges(root))].flatMap(([from, targets]) =>
    [...targets].map((to) => ({ from: idOf(from), to: idOf(to) })),
  );
  return { title: "rooms", boxes, edges };
}

/** The folders within a room that are no rooms themselves. */
function partsOf(root: string, room: string, isRoom: (name: string) => boolean): string[] {
  if (room.endsWith(".ts")) return [];
  const inner = foldersIn(path.join(root, room)).filter((name) => !isRoom(`${room}/${name}`));
  return inner.length === 0 ? [] : [inner.join(", ")];
}
