import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { ClusterTraits } from "../frame/app";
import { readObjects, type Reading } from "./objects";
import { runProgram } from "./run-program";

/** A chart to be rendered, and the cluster that it asks for. */
export interface ChartToRender {
  /** Of the release, and of its namespace. */
  readonly app: string;
  /** The chart's folder, from `cwd`. */
  readonly folder: string;
  readonly cwd: string;
  /** What messages call the chart. */
  readonly title: string;
  readonly values: object;
  /** Without them Helm takes its own. */
  readonly cluster?: ClusterTraits | undefined;
}

/** What Helm makes of a chart; undefined without Helm. */
export function renderChart(chart: ChartToRender): Reading | undefined {
  const { app, folder, cwd, title, cluster } = chart;
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-values-"));
  try {
    const values = path.join(scratch, "values.json");
    fs.writeFileSync(values, JSON.stringify(chart.values), { mode: 0o600 });
    const args = ["template", app, folder, "--namespace", app, "--values", values, "--skip-tests"];
    return run("helm", [...args, ...renderTraits(cluster)], cwd, `${title} by helm template`);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

function renderTraits(cluster: ClusterTraits | undefined): string[] {
  if (cluster === undefined) return [];
  const { kubernetesVersion, apiVersions } = cluster;
  return [
    ...["--kube-version", kubernetesVersion],
    ...apiVersions.flatMap((each) => ["--api-versions", each]),
  ];
}

/** What Kustomize makes of a folder; undefined without Kustomize and without kubectl, which has it built in. */
export function renderFolder(folder: string, project: string): Reading | undefined {
  const where = `${folder} by kustomize`;
  return (
    run("kustomize", ["build", folder], project, where) ??
    run("kubectl", ["kustomize", folder], project, where)
  );
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
  where: string,
): Reading | undefined {
  const ended = runProgram(program, args, { cwd });
  if (ended.kind !== "ended") return undefined;
  if (ended.status === 0) return readObjects(ended.stdout, where);
  const found = ended.stderr.trim().split("\n").at(-1) ?? "";
  return { objects: [], findings: [{ where, found, accepted: `what ${program} can render` }] };
}
