import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { UserError } from "../user-error";
import { replaceFile } from "./replace-file";
import { CHARTS } from "./folder";
import type { MirrorChart } from "./needs";

const entrySchema = z.looseObject({
  version: z.string(),
  urls: z.array(z.string()).min(1),
  digest: z.string().optional(),
});

const indexSchema = z.object({ entries: z.record(z.string(), z.array(z.unknown())) });

/** What a repository's index says of a chart. */
export type ChartEntry = z.infer<typeof entrySchema>;

/** A chart as its repository offers it. */
export interface FoundChart {
  readonly entry: ChartEntry;
  readonly url: string;
  readonly sha256: string | undefined;
}

/** The repositories' indexes, each fetched once. */
export class Repositories {
  private readonly indexes = new Map<string, Promise<z.infer<typeof indexSchema>>>();

  async find({ chart, version, repository }: MirrorChart): Promise<FoundChart> {
    if (repository.startsWith("oci://")) {
      throw new UserError(
        `${chart} comes from ${repository}, a registry: copy it with \`helm pull ${repository}/${chart} --version ${version}\`.`,
      );
    }
    const index = await this.index(repository);
    const entries = (index.entries[chart] ?? []).flatMap((each) => {
      const read = entrySchema.safeParse(each);
      return read.success ? [read.data] : [];
    });
    const entry = entries.find((each) => each.version === version);
    const [first] = entry?.urls ?? [];
    if (entry === undefined || first === undefined)
      throw new UserError(`${repository} has no chart ${chart} ${version}.`);
    return {
      entry,
      url: new URL(first, `${repository}/`).href,
      sha256: entry.digest?.replace(/^sha256:/, ""),
    };
  }

  private index(repository: string): Promise<z.infer<typeof indexSchema>> {
    const known = this.indexes.get(repository) ?? readIndex(`${repository}/index.yaml`);
    this.indexes.set(repository, known);
    return known;
  }
}

async function readIndex(url: string): Promise<z.infer<typeof indexSchema>> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new UserError(`${url} could not be read: ${why(error)}.`);
  });
  if (!response.ok) throw new UserError(`${url} answers with status ${String(response.status)}.`);
  const read = indexSchema.safeParse(parse(await response.text(), { maxAliasCount: -1 }));
  if (!read.success) throw new UserError(`${url} is not the index of a chart repository.`);
  return read.data;
}

function why(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

/** Adds a chart to the index by which the folder of charts is one repository that holds all of them. */
export async function writeIndex(
  folder: string,
  { chart, path }: MirrorChart,
  entry: ChartEntry,
): Promise<void> {
  const file = join(folder, CHARTS, "index.yaml");
  const before = await readFile(file, "utf8").catch(() => "entries: {}");
  const known = indexSchema.safeParse(parse(before));
  const entries: Record<string, unknown[]> = known.success ? known.data.entries : {};
  const others = (entries[chart] ?? []).filter((each) => versionOf(each) !== entry.version);
  entries[chart] = [{ ...entry, urls: [basename(path)] }, ...others];
  await replaceFile(file, stringify({ apiVersion: "v1", entries }, { lineWidth: 0 }));
}

function versionOf(entry: unknown): string | undefined {
  return entrySchema.safeParse(entry).data?.version;
}

/** The digest that the folder's own index has for a chart; undefined where it does not have one. */
export async function knownDigest(
  folder: string,
  wanted: MirrorChart,
): Promise<string | undefined> {
  const text = await readFile(join(folder, CHARTS, "index.yaml"), "utf8").catch(() => undefined);
  const read = text === undefined ? undefined : indexSchema.safeParse(parse(text)).data;
  const entries = (read?.entries[wanted.chart] ?? []).map(
    (each) => entrySchema.safeParse(each).data,
  );
  return entries
    .find((entry) => entry?.version === wanted.version)
    ?.digest?.replace(/^sha256:/, "");
}
