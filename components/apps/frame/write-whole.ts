import * as fs from "node:fs";
import * as path from "node:path";

/** A reader sees the old file or the new one. */
export function writeWhole(file: string, text: string, mode = 0o644): void {
  if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === text) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const next = `${file}.${process.pid}`;
  fs.writeFileSync(next, text, { mode });
  fs.renameSync(next, file);
}
