import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { knownDigest } from "./charts";
import { sha256Of, sizeOf } from "./folder";
import { checkImage } from "./images";
import type { MirrorChart, MirrorFile, Needs } from "./needs";

/** What a folder lacks of what the stack fetches. */
export interface Fault {
  readonly kind: "file" | "chart" | "image";
  /** URL, chart and version, or image. */
  readonly name: string;
  /** "missing", or what is wrong with it. */
  readonly fault: string;
}

/** Looks at everything, and reads all of it. */
export async function checkFolder(folder: string, needs: Needs): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const file of needs.files) {
    const fault = await checkFile(folder, file);
    if (fault !== undefined) faults.push({ kind: "file", name: file.url, fault });
  }
  for (const chart of needs.charts) {
    const fault = await checkChart(folder, chart);
    if (fault !== undefined)
      faults.push({ kind: "chart", name: `${chart.chart} ${chart.version}`, fault });
  }
  for (const image of needs.images) {
    const fault = await checkImage(folder, image);
    if (fault !== undefined) faults.push({ kind: "image", name: image.image, fault });
  }
  return faults;
}

/** The digest that a file has to have: by the program's pin, or by its publisher's list in the folder. */
export async function wantedDigest(folder: string, file: MirrorFile): Promise<string | undefined> {
  if (file.sha256 !== null) return file.sha256;
  if (file.listedIn === null) return undefined;
  const list = await readFile(join(folder, file.listedIn), "utf8").catch(() => "");
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  const lines = list.split("\n").map((line) => /^([0-9a-f]{64}) [ *](.*)$/.exec(line));
  return lines.find((found) => found?.[2] === name)?.[1];
}

export async function checkFile(folder: string, file: MirrorFile): Promise<string | undefined> {
  const place = join(folder, file.path);
  if ((await sizeOf(place)) === undefined) return "missing";
  const wanted = await wantedDigest(folder, file);
  if (wanted === undefined)
    return file.listedIn === null ? undefined : `${file.listedIn} does not name it`;
  const found = await sha256Of(place);
  return found === wanted ? undefined : `it has the digest ${found}, expected ${wanted}`;
}

export async function checkChart(folder: string, chart: MirrorChart): Promise<string | undefined> {
  const place = join(folder, chart.path);
  if ((await sizeOf(place)) === undefined) return "missing";
  const wanted = await knownDigest(folder, chart);
  if (wanted === undefined) return "charts/index.yaml has no digest of it";
  const found = await sha256Of(place);
  return found === wanted ? undefined : `it has the digest ${found}, expected ${wanted}`;
}
