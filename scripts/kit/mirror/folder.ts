import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";

/** What is where in a mirror's folder; `mirror serve` serves it by the same paths. */
export const FILES = "files";
export const CHARTS = "charts";
export const IMAGES = "images";

/** A file's place: its publisher's host and the path there, as bootstrap.sources.files expects it. */
export function filePath(url: string): string {
  const { host, pathname } = new URL(url);
  return join(FILES, host, decodeURIComponent(pathname));
}

export function chartPath(chart: string, version: string): string {
  return join(CHARTS, `${chart}-${version}.tgz`);
}

/** The folder of an image: its repository, then its tag. */
export function imagePath(image: string): string {
  const colon = image.lastIndexOf(":");
  return join(IMAGES, image.slice(0, colon), image.slice(colon + 1));
}

export async function sha256Of(file: string): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of createReadStream(file)) if (isBuffer(chunk)) digest.update(chunk);
  return digest.digest("hex");
}

function isBuffer(chunk: unknown): chunk is Buffer {
  return Buffer.isBuffer(chunk);
}

/** Size of a plain file in bytes; undefined where there is none. A link is none: nobody of ours made it. */
export async function sizeOf(file: string): Promise<number | undefined> {
  const found = await lstat(file).catch(() => undefined);
  return found?.isFile() === true ? found.size : undefined;
}
