import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { ROOT } from "./files";

/** What a check found: what it says of each fault, or why nothing was checked. */
export type Outcome = { readonly faults: string } | { readonly skipped: string };

export const NOTHING_FOUND: Outcome = { faults: "" };

export interface Check {
  readonly name: string;
  readonly run: (files: readonly string[]) => Promise<Outcome>;
}

/** Where test/static/install.sh puts programs of Python's. */
const PYTHON_CHECKS = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"),
  "vmstation/python-checks/bin",
);

/** The program's path, or undefined where there is none. */
export function findProgram(name: string, folders = pathFolders()): string | undefined {
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

/** Of the pinned programs that check Python; another version would say something else. */
export const findPythonCheck = (name: string): string | undefined =>
  findProgram(name, [PYTHON_CHECKS]);

const pathFolders = (): string[] => (process.env.PATH ?? "").split(path.delimiter);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program in the repository's root; never throws for what it says or how it ends. */
export function run(
  program: string,
  words: readonly string[],
): Promise<{ ok: boolean; said: string }> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, maxBuffer: 2 ** 26, env: { ...process.env, LC_ALL: "C.UTF-8" } };
    execFile(program, words, options, (error, stdout, stderr) => {
      resolve({ ok: error === null, said: `${stdout}${stderr}` });
    });
  });
}
