import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

const COMPONENTS = path.join(__dirname, "../../components");

/** Folders of the power controller's modules, which are one folder where they are installed. */
export const POWER_MODULES: readonly string[] = ["power/files/lib", "remote/agent/files/lib"].map(
  (folder) => path.join(COMPONENTS, folder),
);

/** A line of Python that lets the lines after it import these modules. */
export function renderImportPath(folders: readonly string[]): string {
  return `import sys; sys.path[:0] = ${JSON.stringify(folders)}`;
}

/**
 * Runs all of a folder's Python tests (`test_*.py`, unittest) in one process, since to start one costs as much as many
 * a test. Shows why one is skipped. Throws with what they print where one fails, or where there are none.
 */
export function runPythonTests(folder: string): void {
  const files = fs.readdirSync(folder).filter((name) => /^test_.*\.py$/.test(name));
  if (files.length === 0) throw new Error(`no Python tests in ${folder}`);
  const said = execFileSync("python3", ["-B", "-W", "error", "-m", "unittest", "-q", ...files], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const line of said.split("\n")) if (line.includes("skipped: ")) console.log(line);
}
