import * as crypto from "node:crypto";
import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AppFrame } from "../frame/app";
import type { ChartSources } from "../../shared/charts";
import { generatedFolder } from "../frame/generated";
import { writeWhole } from "../frame/write-whole";
import { isLocal, renderSource } from "./chart";
import type { FrameValues } from "./into-frame";
import { placeChart } from "./pull-chart";
import type { ChartConfig } from "./schema";
import type { ConfiguredPlan } from "./values";

const ROOT = path.resolve(__dirname, "../../..");

/** Raised when post-render.ts makes something else of the same frame: the releases are then made again. */
const REVISION = 1;

/** The chart's release. What it makes goes through post-render.ts, which puts it into the app's frame. */
export function deployChart(
  { name }: ConfiguredPlan,
  config: ChartConfig,
  values: FrameValues,
  frame: AppFrame,
  secrets: readonly pulumi.Resource[],
): void {
  const timeout = config.timeout ?? frame.sources.timeout;
  new k8s.helm.v3.Release(
    `${frame.prefix}-release`,
    {
      name,
      namespace: frame.namespace,
      ...chooseSource(config, frame.sources),
      values: config.values,
      allowNullValues: true,
      postrender: writePostRenderer(name, values),
      maxHistory: 5,
      skipCrds: !config.clusterWide.includes("CustomResourceDefinition"),
      // A machine that is asleep must not hold up an update of everything else.
      ...(frame.sleeps ? { skipAwait: true } : { atomic: true, timeout }),
    },
    frame.after(...secrets),
  );
}

/**
 * The copy that the preview has fetched and looked at, if there is one. The provider asks a repository in each preview
 * and update, also where nothing changes: a version that was withdrawn there would stop an app that runs with it.
 */
export function chooseSource(config: ChartConfig, sources: Pick<ChartSources, "repository">) {
  const placed = isLocal(config) ? undefined : placeChart(config, { sources, fetches: false });
  if (placed?.kind !== "placed") return renderSource(config, sources);
  return { chart: `./${path.relative(process.cwd(), placed.chart.folder)}` };
}

/**
 * A release knows its post-renderer by its path alone, without arguments. So each frame has a program of its own, by
 * whose name an upgrade sees that the frame has changed. The path is relative, so that the state is the same in every
 * clone.
 */
export function writePostRenderer(app: string, values: FrameValues): string {
  const text = JSON.stringify(values);
  const digest = crypto.createHash("sha256").update(`${REVISION} ${text}`).digest("hex");
  const name = `post-render-${digest.slice(0, 12)}`;
  const folder = generatedFolder("charts", app);
  writeWhole(path.join(folder, `${name}.json`), `${text}\n`);
  writeWhole(path.join(folder, name), renderProgram(name, path.relative(folder, ROOT)), 0o755);
  return `./${path.relative(process.cwd(), path.join(folder, name))}`;
}

/** `tsx` compiles, as it does for the program itself. */
function renderProgram(name: string, root: string): string {
  return [
    "#!/bin/sh",
    "set -eu",
    'here=$(CDPATH="" cd -- "$(dirname -- "$0")" && pwd)',
    `cd -- "$here/${root}"`,
    `exec node --require tsx/cjs components/apps/configured/post-render.ts "$here/${name}.json"`,
    "",
  ].join("\n");
}
