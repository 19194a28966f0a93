import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** Names of the shell libraries that a step can build on; main and manifest are always there. */
export type Library =
  "files" | "units" | "packages" | "long" | "guard" | "mounts" | "agent" | "system";

/** The programs that can refuse a file before it replaces a good one. */
export type Validator =
  "none" | "sshd" | "sudoers" | "nft" | "chrony" | "rsyslog" | "shell" | "python" | "keepalived";

/** One file on a machine: whole, with owner and mode. */
export interface StepFile {
  readonly path: string;
  readonly content: string;
  /** Four octal digits; default: 0644. */
  readonly mode?: string;
  /** USER:GROUP; default: root:root. */
  readonly owner?: string;
  readonly validate?: Validator;
  /** Content that must not be shown in a diff. */
  readonly secret?: boolean;
}

/** A shell variable of a step; a list arrives as lines. */
export type Setting = string | number | boolean | readonly string[];

/**
 * One piece of work on a machine: a shell file whose function `step` says, by ensure_* calls,
 * what must hold; the variables it reads; the files it brings.
 */
export interface Step {
  /** The step's name on the machine, unique there: "kernel", "firewall". */
  readonly name: string;
  /** Shell text that defines the function `step`; see {@link readScript}. */
  readonly script: string;
  readonly libraries: readonly Library[];
  readonly settings?: Readonly<Record<string, Setting>>;
  readonly files?: readonly StepFile[];
  /** False where its verb check compares nothing, so that there is no drift to look for; default: true. */
  readonly checks?: boolean;
  /** Steps of the same machine whose changes undo themselves unless this one runs soon after; see guard.sh. */
  readonly confirms?: readonly string[];
}

/**
 * Steps that one resource does in turn over one connection, each under its own name on the machine: what is
 * expensive is the connection, and what every script carries with it.
 */
export interface StepGroup {
  /** Unique on the machine, among steps too: "system". */
  readonly name: string;
  readonly steps: readonly Step[];
  /** Names of those that the steps after them do not need: where one fails, they are done anyway. */
  readonly independent?: readonly string[];
}

/** What one resource does. */
export type Work = Step | StepGroup;

export function stepsOf(work: Work): readonly Step[] {
  return "steps" in work ? work.steps : [work];
}

const cache = new Map<string, string>();

/** The text of a file beside the caller, read once: `readScript(__dirname, "files/kernel.sh")`. */
export function readScript(folder: string, file: string): string {
  const full = path.join(folder, file);
  const known = cache.get(full);
  if (known !== undefined) return known;
  const text = fs.readFileSync(full, "utf8");
  cache.set(full, text);
  return text;
}

/** What steps put on a machine, as 16 hexadecimal digits: equal digests, nothing to do. */
export function digestStep(...steps: readonly Work[]): string {
  return createHash("sha256").update(JSON.stringify(steps)).digest("hex").slice(0, 16);
}
