import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { ChartSources } from "../../shared/charts";
import { generatedFolder } from "../frame/generated";
import { type Explained, explainMissing, readVersion, type Refusal } from "./ask-repository";
import { readChart, renderRemote, type ChartFolder } from "./chart";
import { PATIENCE } from "./run-program";
import type { ChartConfig } from "./schema";
import { withHelm } from "./with-helm";

type WithChart = Pick<ChartConfig, "chart">;

/** What became of a chart that a repository holds. */
export type Placed =
  | { readonly kind: "placed"; readonly chart: ChartFolder }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** Nobody has looked: there is no Helm, or nothing was to be fetched. */
  | { readonly kind: "unasked" }
  | Exclude<Explained, { kind: "refused" }>;

export interface PlaceArgs {
  readonly sources: Pick<ChartSources, "repository">;
  /** Whether a chart that is not there yet may be fetched. */
  readonly fetches: boolean;
}

/** Why a repository gave nothing, by its URL: the others of its charts do not wait for it again. */
const silent = new Map<string, string>();

/**
 * A repository's chart as a folder in .vmstation/charts, where it stays: each version is fetched once. The folder is
 * complete, or not there.
 */
export function placeChart({ chart }: WithChart, { sources, fetches }: PlaceArgs): Placed {
  const target = targetOf({ chart }, sources);
  const there = readChart(target);
  if (there !== undefined) return judgeFetched({ chart }, there);
  if (!fetches) return { kind: "unasked" };
  const repository = sources.repository ?? chart.repository;
  const reason = silent.get(repository);
  if (reason !== undefined) return { kind: "unseen", reason, isSilent: true };
  const placed = fetchChart({ chart }, sources, target);
  if (placed.kind === "unseen" && placed.isSilent) silent.set(repository, placed.reason);
  return placed;
}

/** No app has a dot in its name, whose folder is beside it. */
function targetOf({ chart }: WithChart, sources: PlaceArgs["sources"]): string {
  const source = JSON.stringify(renderRemote({ chart }, sources));
  const digest = crypto.createHash("sha256").update(source).digest("hex").slice(0, 12);
  return generatedFolder("charts", `${chart.name}-${chart.version}-${digest}`);
}

function fetchChart({ chart }: WithChart, sources: PlaceArgs["sources"], target: string): Placed {
  return withHelm((helm, scratch) => {
    const { chart: ref, version, repositoryOpts } = renderRemote({ chart }, sources);
    const from = renderFrom(repositoryOpts);
    const untar = ["--untar", "--untardir", path.join(scratch, "out")];
    const ended = helm(["pull", ref, "--version", version, ...from, ...untar]);
    if (ended.kind === "absent") return { kind: "unasked" };
    if (ended.kind === "late") return { kind: "unseen", reason: LATE, isSilent: true };
    if (ended.status !== 0) {
      const { stderr } = ended;
      return explainMissing({ chart, ref, repository: repositoryOpts?.repo, stderr }, helm);
    }
    return take({ chart }, path.join(scratch, "out", chart.name), target);
  });
}

const renderFrom = (options: { readonly repo: string } | undefined): string[] =>
  options === undefined ? [] : ["--repo", options.repo];

/** The newest version of a chart; undefined without Helm, or where the repository does not have it. */
export function findNewest(
  chart: Pick<ChartConfig["chart"], "name" | "repository">,
  sources: PlaceArgs["sources"],
): string | undefined {
  return withHelm((helm) => {
    const source = renderRemote({ chart: { ...chart, version: "" } }, sources);
    const shown = helm(["show", "chart", source.chart, ...renderFrom(source.repositoryOpts)]);
    return shown.kind === "ended" && shown.status === 0 ? readVersion(shown.stdout) : undefined;
  });
}

const LATE = `it did not answer within ${PATIENCE / 1000} seconds`;

/** Another run may have been faster. */
function take(wanted: WithChart, fetched: string, target: string): Placed {
  if (readChart(target) === undefined && readChart(fetched) !== undefined)
    fs.renameSync(fetched, target);
  const there = readChart(target);
  if (there !== undefined) return judgeFetched(wanted, there);
  return { kind: "unseen", reason: "what it has under that name is no chart", isSilent: false };
}

/** A digest says by itself which version it is. */
function judgeFetched({ chart }: WithChart, there: ChartFolder): Placed {
  const isOther = there.version.replace(/^v/, "") !== chart.version.replace(/^v/, "");
  if (chart.digest === undefined || !isOther) return { kind: "placed", chart: there };
  const found = `${chart.version}, but the chart with this digest is ${there.version}`;
  return { kind: "refused", refusal: { key: "version", found, accepted: there.version } };
}
