import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { EXIT, UserError } from "../user-error";
import { parseShellWords } from "../../engine/shell-words";
import { parseYamlFile } from "./yaml-file";

/** What Pulumi.yaml says about how a program is run. */
export interface Project {
  name: string;
  /** The folder that holds Pulumi.yaml. */
  root: string;
  /** Pulumi.yaml or Pulumi.yml. */
  file: string;
  /** Where the program runs, and what is run there. */
  programFolder: string;
  entryPoint: string;
  nodeArgs: string[];
  /** Whether the SDK is to compile TypeScript itself. */
  typescript: boolean;
  tsconfig: string | undefined;
  /** The folder of the stack files. */
  configFolder: string;
  /** Configuration that holds for every stack, by key as written. */
  config: Record<string, unknown>;
  /** Where the state is kept, if the project says so. */
  backend: string | undefined;
}

/** Finds Pulumi.yaml in a folder or above it, as the CLI does, and reads it. */
export function loadProject(folder: string): Project {
  for (let root = resolve(folder); ; root = dirname(root)) {
    for (const name of ["Pulumi.yaml", "Pulumi.yml"]) {
      const text = readOptional(join(root, name));
      if (text !== undefined) return parseProject(root, name, text);
    }
    if (root === dirname(root)) {
      throw new UserError(
        `There is no Pulumi.yaml in ${resolve(folder)} or above it. Go to the project's folder, or name it with -C.`,
      );
    }
  }
}

export function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parseProject(root: string, file: string, text: string): Project {
  const content = asMap(parseYamlFile(file, text));
  const runtime = typeof content.runtime === "string" ? { name: content.runtime } : content.runtime;
  const { name: language, options } = asMap(runtime);
  if (typeof content.name !== "string" || language !== "nodejs") {
    throw new UserError(`${file} needs a name and the runtime nodejs.`, EXIT.fail);
  }
  const { typescript, nodeargs, tsconfig } = asMap(options);
  const { url } = asMap(content.backend);
  const folder = content.stackConfigDir ?? asMap(content.config).stackConfigDir;
  return {
    name: content.name,
    ...{ root, file },
    ...locateProgram(root, typeof content.main === "string" ? content.main : ""),
    nodeArgs: typeof nodeargs === "string" ? parseShellWords(nodeargs) : [],
    typescript: typescript !== false,
    tsconfig: typeof tsconfig === "string" ? tsconfig : undefined,
    configFolder: typeof folder === "string" ? resolve(root, folder) : root,
    config: asMap(content.config),
    backend: typeof url === "string" ? url : undefined,
  };
}

/** `main` is a folder, or a file in one; without it the project's folder is the program. */
function locateProgram(root: string, main: string): { programFolder: string; entryPoint: string } {
  const path = resolve(root, main);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isFolder) return { programFolder: path, entryPoint: "." };
  return { programFolder: dirname(path), entryPoint: basename(path) };
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
