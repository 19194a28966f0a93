import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { isLocal, folderOf } from "./chart";
import { readObjects, type Reading } from "./objects";
import type { ChartConfig } from "./schema";
import type { ConfiguredPlan } from "./values";

/** A chart or a folder is rendered within seconds, or not at all. */
const PATIENCE = 30_000;

/** What Helm makes of a chart in the project; undefined without Helm, or without the chart. */
export function renderChart(
  { name }: Pick<ConfiguredPlan, "name">,
  config: Pick<ChartConfig, "chart" | "values">,
  project: string,
): Reading | undefined {
  if (!isLocal(config)) return undefined;
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-values-"));
  try {
    const values = path.join(scratch, "values.json");
    fs.writeFileSync(values, JSON.stringify(config.values), { mode: 0o600 });
    const args = ["template", name, folderOf(config), "--namespace", name, "--values", values];
    return run("helm", [...args, "--skip-tests"], project, `${folderOf(config)} by helm template`);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
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
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...{ cwd, encoding: "utf8", timeout: PATIENCE, maxBuffer: 64 * 2 ** 20 },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error !== undefined) return undefined;
  if (status === 0) return readObjects(stdout, where);
  const found = stderr.trim().split("\n").at(-1) ?? "";
  return { objects: [], findings: [{ where, found, accepted: `what ${program} can render` }] };
}
