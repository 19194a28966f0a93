import { statSync } from "node:fs";
import { extname, join } from "node:path";
import { EXIT, UserError } from "../../../kit/user-error";
import { listNames, readText } from "./text-file";
import { isFilled, isValueMap, mergeVariables, typeOf, type Variables } from "./values";
import { readYaml } from "./yaml-text";

const EXTENSIONS = ["", ".yml", ".yaml", ".json"];

/** Reads the variables' files of one group or host. */
export type ReadVariables = (kind: "group_vars" | "host_vars", name: string) => Variables;

/** The files in group_vars and host_vars of a folder. `withoutVault` leaves out the encrypted ones. */
export function variablesIn(folder: string, withoutVault: boolean): ReadVariables {
  return (kind, name) => {
    // Ansible's connection plugins for chroots take such a name as a folder.
    const files = name.startsWith("/") ? [] : findFiles(join(folder, kind), name);
    return mergeVariables(files.map((file) => readFile(file, withoutVault)));
  };
}

/** NAME, else NAME.yml, NAME.yaml or NAME.json, and no more than one of them: a file, or a folder of files. */
function findFiles(folder: string, name: string): string[] {
  const path = EXTENSIONS.map((end) => join(folder, `${name}${end}`)).find((each) => kindOf(each));
  if (path === undefined) return [];
  return kindOf(path) === "folder" ? listFolder(path) : [path];
}

/** All files below, by name; folders only where their name has no dot. */
function listFolder(folder: string): string[] {
  const names = listNames(folder).filter((name) => !/^\.|~$/.test(name));
  return names.flatMap((name) => {
    const path = join(folder, name);
    const kind = kindOf(path);
    if (kind === "folder") return extname(name) === "" ? listFolder(path) : [];
    return kind === "file" && EXTENSIONS.includes(extname(name)) ? [path] : [];
  });
}

function kindOf(path: string): "file" | "folder" | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true ? "folder" : found?.isFile() === true ? "file" : undefined;
}

function readFile(file: string, withoutVault: boolean): Variables {
  const text = readText(file, withoutVault);
  if (text === undefined) return new Map();
  const content = readYaml(file, text);
  if (isValueMap(content)) return content;
  if (!isFilled(content)) return new Map();
  throw new UserError(`${file} must be a map of variables, found ${typeOf(content)}.`, EXIT.fail);
}
