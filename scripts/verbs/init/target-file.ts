import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { keepBackup } from "../../kit/keep-backup";
import { UserError } from "../../kit/user-error";

/** The file that init writes, whole or not at all. */
export class TargetFile {
  constructor(readonly path: string) {}

  /** Refuses one that is there, before anybody is asked anything. */
  refuseExisting(force: boolean): void {
    if (force || !existsSync(this.path)) return;
    throw new UserError(
      `${this.path} exists already. --force replaces it and keeps a copy. --dry-run only prints the new file.`,
    );
  }

  /** Returns where the earlier content is kept, which git ignores; undefined where there was none. */
  write(text: string, now: Date): string | undefined {
    const backup = existsSync(this.path)
      ? keepBackup(dirname(this.path), basename(this.path), readFileSync(this.path, "utf8"), now)
      : undefined;
    const temporary = `${this.path}.new`;
    writeFileSync(temporary, text, { flush: true });
    renameSync(temporary, this.path);
    return backup;
  }
}
