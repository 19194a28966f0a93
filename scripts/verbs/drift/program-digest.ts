import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Project, readOptional } from "../../kit/stack-file/project";
import { renderProgramConfig, type StackConfig } from "../../kit/stack-file/stack-config";

/** The verbs' own folder, whose code turns a plan into what is looked for. */
const OWN_ROOT = resolve(__dirname, "../../..");

/** Nothing that makes a plan is imported from there; see eslint.config.mjs. */
const NO_PROGRAM = new Set(["node_modules", "test", "docs"]);

/** What npm has installed, beside what package-lock.json asks for. */
const INSTALLED = "node_modules/.package-lock.json";

/**
 * SHA-256 in hexadecimal of all that a stack's plan is made from: its configuration, each file of the program and
 * of the verbs, the installed packages, and Node.js itself. Files are read whole: times would miss a checkout.
 */
export function digestProgram(
  project: Project,
  stack: string,
  config: StackConfig,
  ownRoot = OWN_ROOT,
): string {
  const hash = createHash("sha256");
  add(hash, "stack", JSON.stringify([stack, process.version, project.root]));
  add(hash, "config", JSON.stringify(renderProgramConfig(config)));
  for (const root of new Set([project.root, ownRoot])) {
    add(hash, INSTALLED, readOptional(join(root, INSTALLED)) ?? "");
    addFolder(hash, root);
  }
  return hash.digest("hex");
}

function addFolder(hash: Hash, folder: string): void {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(
    ({ name }) => !name.startsWith(".") && !NO_PROGRAM.has(name),
  );
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) addFolder(hash, path);
    else if (entry.isFile()) add(hash, path, readFileSync(path));
  }
}

/** Lengths keep one part's end from passing for the next one's beginning. */
function add(hash: Hash, name: string, content: string | Buffer): void {
  hash.update(`${name}\0${String(Buffer.byteLength(content))}\0`).update(content);
}
