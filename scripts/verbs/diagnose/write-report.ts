import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../kit/user-error";
import { renderMarkdown } from "./render";
import type { Diagnosis } from "./report";

const ARCHIVE = /\.(tar\.gz|tgz)$/;

/** Refuses a place that is taken, before anything is collected for it. */
export function checkOutput(output: string): void {
  if (existsSync(output))
    throw new UserError(`${output} exists already. Choose another place with --output.`);
}

/**
 * Writes report.md and report.json into a new folder, or into an archive where the name ends in .tar.gz; whole or not
 * at all, for its owner only. Returns the files that people open.
 */
export function writeReport(diagnosis: Diagnosis, output: string): string[] {
  const target = resolve(output);
  mkdirSync(dirname(target), { recursive: true });
  const scratch = mkdtempSync(join(dirname(target), ".vmstation-diagnosis-"));
  try {
    const name = basename(target).replace(ARCHIVE, "");
    const folder = join(scratch, name);
    mkdirSync(folder, { mode: 0o700 });
    const write = (file: string, text: string): void => {
      writeFileSync(join(folder, file), text, { mode: 0o600 });
    };
    write("report.md", renderMarkdown(diagnosis));
    write("report.json", `${JSON.stringify(diagnosis, null, 2)}\n`);
    if (!ARCHIVE.test(target)) {
      renameSync(folder, target);
      return [join(output, "report.md"), join(output, "report.json")];
    }
    const archive = join(scratch, "archive");
    pack(scratch, name, archive);
    renameSync(archive, target);
    return [output];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function pack(folder: string, name: string, archive: string): void {
  writeFileSync(archive, "", { mode: 0o600 });
  const ran = spawnSync("tar", ["-C", folder, "-czf", archive, name], { encoding: "utf8" });
  if (ran.status !== 0) {
    throw new UserError(
      `tar: ${ran.error?.message ?? ran.stderr.trim()}. Write to a folder instead.`,
    );
  }
}
