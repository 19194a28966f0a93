import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

export const ROOT = path.join(__dirname, "../..");

/** Everything that is in the repository or about to be, as paths from its root. */
export function listFiles(): string[] {
  const words = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const removed = new Set(git("ls-files", "-z", "--deleted"));
  return git(...words).filter((file) => !removed.has(file));
}

function git(...words: string[]): string[] {
  const listed = execFileSync("git", words, { cwd: ROOT, encoding: "utf8" });
  return listed.split("\0").filter((file) => file !== "");
}

/** Whether a file is of a language: by its ending, or where it has none by its first line. */
export function isOf(language: { ending: string; interpreter: RegExp }, file: string): boolean {
  const ending = path.extname(file);
  return ending === "" || path.basename(file).startsWith(".")
    ? language.interpreter.test(readStart(file))
    : ending === language.ending;
}

function readStart(file: string): string {
  const start = Buffer.alloc(80);
  const opened = openSync(path.join(ROOT, file), "r");
  try {
    return start.toString("utf8", 0, readSync(opened, start)).split("\n")[0] ?? "";
  } finally {
    closeSync(opened);
  }
}

const digests = z.record(z.string(), z.string());

/** Which files have passed a check, by what they held then. `basis`: what else decides, such as the tool's version. */
export class Passed {
  readonly #store: string;
  readonly #known: Record<string, string>;

  constructor(
    name: string,
    readonly basis: string,
    folder = path.join(ROOT, ".cache/static"),
  ) {
    this.#store = path.join(folder, `${name}.json`);
    this.#known = read(this.#store);
  }

  /** Those of the files that have not passed as they are now. */
  leftOf(files: readonly string[]): string[] {
    return files.filter((file) => this.#known[file] !== this.#digest(file));
  }

  keep(files: readonly string[]): void {
    const found = Object.fromEntries(files.map((file) => [file, this.#digest(file)]));
    mkdirSync(path.dirname(this.#store), { recursive: true });
    writeFileSync(this.#store, `${JSON.stringify(found, null, 1)}\n`);
  }

  #digest(file: string): string {
    const content = readFileSync(path.resolve(ROOT, file));
    return createHash("sha256").update(this.basis).update("\0").update(content).digest("hex");
  }
}

function read(store: string): Record<string, string> {
  try {
    return digests.parse(JSON.parse(readFileSync(store, "utf8")));
  } catch {
    return {};
  }
}
