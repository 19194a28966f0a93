import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { renderChartSource, type ChartSources } from "../../shared/charts";
import { readDocument } from "./read-yaml";
import { isRecord } from "./objects";
import type { ChartConfig } from "./schema";

const chartFile = z.object({ name: z.string(), version: z.string() });

/** A chart that can be read: a folder of the project. */
export interface ChartFolder {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
}

/** Whether the configuration names a folder that holds charts. */
export const isLocal = ({ chart }: Pick<ChartConfig, "chart">): boolean =>
  chart.repository.startsWith("./");

/** The chart's folder in the project, as the configuration leads to it. */
export function folderOf({ chart }: Pick<ChartConfig, "chart">): string {
  return path.normalize(path.join(chart.repository, chart.name));
}

/** What Chart.yaml in a folder says; undefined where there is none. */
export function readChart(folder: string): ChartFolder | undefined {
  const file = path.join(folder, "Chart.yaml");
  if (!fs.existsSync(file)) return undefined;
  const parsed = chartFile.safeParse(readYaml(file));
  return parsed.success ? { folder, ...parsed.data } : undefined;
}

/** The values that a release of the chart has: its own, and over them those of the configuration, as Helm merges them. */
export function readValues({ folder }: ChartFolder, own: object): object {
  const file = path.join(folder, "values.yaml");
  const defaults = fs.existsSync(file) ? readYaml(file) : {};
  return mergeValues(isRecord(defaults) ? defaults : {}, own);
}

const readYaml = (file: string): unknown => readDocument(fs.readFileSync(file, "utf8"));

/** Maps are merged, null takes a key out, everything else is replaced. */
export function mergeValues(under: object, over: object): object {
  const merged = new Map<string, unknown>(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key);
    if (value === null) merged.delete(key);
    else merged.set(key, isRecord(below) && isRecord(value) ? mergeValues(below, value) : value);
  }
  return Object.fromEntries(merged);
}

/** Chart arguments of the release. */
export function renderSource({ chart }: Pick<ChartConfig, "chart">, sources: Mirrors) {
  if (isLocal({ chart })) return { chart: `./${folderOf({ chart })}` };
  return renderRemote({ chart }, sources);
}

type Mirrors = Pick<ChartSources, "repository">;

/** Of a chart in a repository. A digest is part of the name in a registry. */
export function renderRemote({ chart }: Pick<ChartConfig, "chart">, sources: Mirrors) {
  const { name, version, repository, digest } = chart;
  const source = renderChartSource({ chart: name, version, repository }, sources);
  return digest === undefined ? source : { ...source, chart: `${source.chart}@${digest}` };
}
