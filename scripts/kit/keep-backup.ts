import { mkdirSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";

/**
 * Keeps a text as .vmstation/backups/NAME-TIME, which git ignores and only its owner reads, and returns where. One of
 * the same second is not replaced: this one gets a number.
 */
export function keepBackup(root: string, name: string, text: string, now: Date): string {
  const folder = join(root, ".vmstation", "backups");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const end = extname(name);
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  for (let number = 1; ; number++) {
    const again = number === 1 ? "" : `-${number}`;
    const file = join(folder, `${name.slice(0, -end.length)}-${time}${again}${end}`);
    try {
      writeFileSync(file, text, { mode: 0o600, flag: "wx" });
      return file;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}
