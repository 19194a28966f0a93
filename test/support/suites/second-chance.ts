import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { FAILED_FILES_VARIABLE } from "./reporter";

/** Taken by the runners of suites beside mocha's own arguments. */
export const SECOND_CHANCE = "--second-chance";

const files = z.array(z.string().min(1)).min(1);

/** Runs mocha with these arguments and variables, and returns its exit code. */
export type RunMocha = (args: readonly string[], variables: NodeJS.ProcessEnv) => Promise<number>;

/**
 * Runs suites. With --second-chance among the arguments a file in which something failed is run again, whole and
 * from nothing, and its second run counts: on a host that others share, what depends on time may come late once. Both
 * runs are shown, and the last line says how many files needed it. A run that ends without saying what failed has failed.
 */
export async function runSuites(
  args: readonly string[],
  mocha: RunMocha,
  say: (line: string) => void = console.log,
): Promise<number> {
  if (!args.includes(SECOND_CHANCE)) return mocha(args, {});
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-suites-"));
  const list = path.join(folder, "failed.json");
  try {
    const options = args.filter((arg) => arg !== SECOND_CHANCE);
    const code = await mocha(options, { [FAILED_FILES_VARIABLE]: list });
    if (code === 0) say("Second chances: none");
    const failed = code === 0 ? undefined : readFailed(list);
    if (failed === undefined) return code;
    say(`A second chance, from nothing, for ${failed.join(" ")}`);
    const second = await mocha(failed, {});
    say(countChances(failed, second === 0));
    return second;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The last line of a run: how many files needed it. The goal is none. */
export function countChances(files: readonly string[], passed: boolean): string {
  const relative = files.map((file) => path.relative(process.cwd(), file));
  return `Second chances: ${files.length}, ${passed ? "passed then" : "failed again"}: ${relative.join(", ")}`;
}

function readFailed(list: string): string[] | undefined {
  try {
    return files.parse(JSON.parse(readFileSync(list, "utf8")));
  } catch {
    return undefined;
  }
}
