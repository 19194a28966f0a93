import { copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "../user-error";

/** The file that init writes, whole or not at all. */
export class TargetFile {
  constructor(readonly path: string) {}

  /** Refuses one that is there, before anybody is asked anything. */
  refuseExisting(force: boolean): void {
    if (force || !existsSync(this.path)) return;
    throw new UserError(
      `${this.path} is there already: --force replaces it and keeps a copy, --dry-run only shows.`,
    );
  }

  /** Returns where the earlier content is kept, which git ignores; undefined where there was none. */
  write(text: string, now: Date): string | undefined {
    const backup = existsSync(this.path) ? this.keep(now) : undefined;
    const temporary = `${this.path}.new`;
    writeFileSync(temporary, text, { flush: true });
    renameSync(temporary, this.path);
    return backup;
  }

  private keep(now: Date): string {
    const folder = join(dirname(this.path), ".vmstation", "backups");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
    const backup = join(folder, `${basename(this.path, ".yaml")}-${time}.yaml`);
    copyFileSync(this.path, backup);
    return backup;
  }
}
