import * as fs from "node:fs";
import * as path from "node:path";
import { closest } from "fastest-levenshtein";
import type { Problem } from "../../shared/problem";
import { folderOf, isLocal, readChart, readValues, type ChartFolder } from "./chart";
import type { ChartConfig } from "./schema";
import { findSecrets } from "./secrets";
import { validateValues } from "./values-schema";

/** What is wrong with a chart's keys, and with the chart where the project holds it. */
export function judgeChart(app: string, config: ChartConfig, project: string): Problem[] {
  const key = `apps.${app}`;
  return [
    ...judgeValues(key, config),
    ...judgeDigest(key, config),
    ...(isLocal(config) ? judgeFolder(key, config, project) : []),
  ];
}

/** Helm keeps values in the release and Pulumi in its state, where others may read them. */
function judgeValues(key: string, { values, notSecret }: ChartConfig): Problem[] {
  return findSecrets(values)
    .filter((path) => !notSecret.includes(path))
    .map((path) => ({
      path: `${key}.values.${path}`,
      found: "what looks like a secret in plain",
      accepted:
        "a Secret that the chart refers to: secrets: { NAME: { KEY: nameOfASecretKey } } of the app, and its name in " +
        `values such as existingSecret: NAME; or, where it is none, notSecret: [${path}]`,
    }));
}

function judgeDigest(key: string, { chart }: ChartConfig): Problem[] {
  if (chart.digest === undefined || chart.repository.startsWith("oci://")) return [];
  const found = `a digest, of a chart from ${chart.repository}`;
  return [
    { path: `${key}.chart.digest`, found, accepted: "none: only a registry (oci://) has one" },
  ];
}

function judgeFolder(key: string, config: ChartConfig, project: string): Problem[] {
  const { chart } = config;
  const folder = folderOf(config);
  const found = readChart(path.join(project, folder));
  if (found?.name !== chart.name) {
    const names = listCharts(path.join(project, chart.repository));
    const accepted =
      names.length === 0
        ? `the name of a folder in ${chart.repository} with a Chart.yaml`
        : `one of ${names.join(", ")}; did you mean ${closest(chart.name, names)}?`;
    const missing = `${chart.name}, which is no chart in ${chart.repository}`;
    return [{ path: `${key}.chart.name`, found: missing, accepted }];
  }
  if (found.version !== chart.version) {
    const missing = `${chart.version}, which is not there: ${folder} is ${found.version}`;
    return [{ path: `${key}.chart.version`, found: missing, accepted: found.version }];
  }
  return judgeBySchema(key, config, found);
}

/** The charts that a folder holds. */
function listCharts(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => readChart(path.join(folder, name))?.name === name)
    .sort();
}

/** What the chart's own schema says against the values. `key` is the app's: "apps.notes". */
export function judgeBySchema(
  key: string,
  config: Pick<ChartConfig, "values">,
  chart: ChartFolder,
): Problem[] {
  const merged = readValues(chart, config.values);
  return validateValues(chart.folder, merged).map(({ path: at, found, accepted }) => ({
    path: [key, "values", ...at].join("."),
    found,
    accepted,
  }));
}
