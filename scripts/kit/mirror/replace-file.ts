import { rename, writeFile } from "node:fs/promises";

/** Writes a file: all of it, or what was there before stays. */
export async function replaceFile(file: string, content: string): Promise<void> {
  const fresh = `${file}.new`;
  await writeFile(fresh, content);
  await rename(fresh, file);
}
