import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { z } from "zod";
import { charts } from "../../components/versions";

/** The charts' own values.yaml files, one folder CHART-VERSION each. */
export const FOLDER =
  process.env.CHARTS_VALUES_DIR ?? path.resolve(__dirname, "../../../shared/charts");

/** Leaves tests out where there are no charts' values to compare with. */
export function requireChartValues(context: Mocha.Context): void {
  if (fs.existsSync(FOLDER)) return;
  console.log(`    skipped: no chart values at ${FOLDER} (CHARTS_VALUES_DIR names another)`);
  context.skip();
}

/** Kubernetes' own types, of which a chart's defaults only show the part that they set. */
const KUBERNETES_TYPES = ["resources", "nodeSelector", "podSecurityContext", "securityContext"];

export type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOpen(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  return value === null || (isTree(value) && Object.keys(value).length === 0);
}

/** A chart's values; those of its subcharts under their names, as Helm merges them. */
export function readDefaults(chart: string, version: string): Tree {
  const read = (name: string): Tree =>
    z
      .record(z.string(), z.unknown())
      .parse(
        parse(fs.readFileSync(path.join(FOLDER, name, "values.yaml"), "utf8"), { merge: true }),
      );
  const own = read(`${chart}-${version}`);
  if (chart !== charts.kubePrometheusStack.chart) return own;
  const merged: Record<string, unknown> = { ...own };
  for (const [name, folder] of [
    ["grafana", "grafana-12.11.1"],
    ["kube-state-metrics", "kube-state-metrics-8.4.0"],
  ] as const) {
    merged[name] = mergeTrees(read(folder), own[name]);
  }
  return merged;
}

function mergeTrees(base: unknown, over: unknown): unknown {
  if (!isTree(base) || !isTree(over)) return over ?? base;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, mergeTrees(base[key], over[key])]));
}

/** Keys that the chart shows as a comment, to be filled in: `# existingClaim:`. */
export function readCommentedKeys(chart: string, version: string): ReadonlySet<string> {
  const folders = [`${chart}-${version}`];
  if (chart === charts.kubePrometheusStack.chart) folders.push("grafana-12.11.1");
  const texts = folders.map((f) => fs.readFileSync(path.join(FOLDER, f, "values.yaml"), "utf8"));
  const found = texts.join("\n").matchAll(/^\s*#\s*([A-Za-z]\w*):/gm);
  return new Set([...found].map(([, key]) => key ?? ""));
}

/** Paths in `values` that neither the chart's values nor its comments know. */
export function unknownKeys(
  values: Tree,
  defaults: Tree,
  commented: ReadonlySet<string>,
  open: readonly string[],
  prefix = "",
): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const where = prefix === "" ? key : `${prefix}.${key}`;
    if (open.includes(where)) return [];
    if (KUBERNETES_TYPES.includes(key) && key in defaults) return [];
    if (!(key in defaults)) return commented.has(key) ? [] : [where];
    const known = defaults[key];
    if (isOpen(known) || pulumi.Output.isInstance(value) || !isTree(value)) return [];
    return isTree(known) ? unknownKeys(value, known, commented, open, where) : [where];
  });
}
