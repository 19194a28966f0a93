import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How many cases a comparison with a real tool has: `usual`, or as many as VMSTATION_CASES says. */
export function countCases(usual: number): number {
  return Number(process.env.VMSTATION_CASES ?? usual);
}

/** What the cases are made from. */
export const SEED = Number(process.env.VMSTATION_SEED ?? 20_261_129);

/** Why a tool cannot be asked with files of the test's own in place of the machine's; undefined where it can. */
export function cannotAsk(program: string): string | undefined {
  const words = ["-m", "sh", "-c", `mount --make-rprivate / && command -v ${program}`];
  const ran = spawnSync("unshare", words, { encoding: "utf8" });
  if (ran.status === 0) return undefined;
  const isAllowed = spawnSync("unshare", ["-m", "true"]).status === 0;
  return isAllowed ? `no ${program} here` : "mount namespaces are not allowed here";
}

/**
 * Runs a shell script for which files of the test's own lie over the machine's, in a mount namespace that ends with
 * it. `cases` are its arguments: files in a folder of their own, one after the other.
 */
export function askInNamespace(script: string, cases: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "vmstation-real-"));
  try {
    for (const [index, text] of cases.entries()) writeFileSync(join(folder, `${index}`), text);
    const ran = spawnSync("unshare", ["-m", "sh", "-eu"], {
      input: `mount --make-rprivate /\nCASES='${folder}'\nCOUNT=${cases.length}\n${script}`,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (ran.status !== 0) throw new Error(`the tool cannot be asked: ${ran.stderr}`);
    return ran.stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
