import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { readDocument } from "./read-yaml";
import type { ChartConfig } from "./schema";
import type { Helm } from "./with-helm";

/** What is wrong with a key of `chart`, in words for the person who wrote it. */
export interface Refusal {
  readonly key: "name" | "version" | "repository" | "digest";
  readonly found: string;
  readonly accepted: string;
}

/** A chart that Helm could not fetch. */
export interface Missing extends Pick<ChartConfig, "chart"> {
  /** As Helm is told it: "whoami", "oci://registry.example.org/charts/whoami". */
  readonly ref: string;
  /** Undefined of a registry, which `ref` names. */
  readonly repository: string | undefined;
  /** What Helm has said. */
  readonly stderr: string;
}

/** Why a chart is missing, or what Helm says where that is not known. */
export type Explained =
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "unseen"; readonly reason: string; readonly isSilent: boolean };

/** Why a chart is missing: by what its repository has, and only where that does not tell by what Helm says. */
export function explainMissing(missing: Missing, helm: Helm): Explained {
  const answer =
    missing.repository === undefined
      ? askRegistry(missing, helm)
      : askRepository(missing, missing.repository, helm);
  if (typeof answer === "object") return { kind: "refused", refusal: answer };
  return { kind: "unseen", reason: reasonOf(missing.stderr), isSilent: answer === "silent" };
}

/** Helm's error without its warnings. */
function reasonOf(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const error = lines.findLast((line) => line.startsWith("Error: ")) ?? lines.at(-1) ?? "";
  return error.replace(/^Error: /, "");
}

const found = z.array(z.object({ name: z.string(), version: z.string() }));

/** A repository has an index of all that it holds. */
function askRepository(
  { chart, stderr }: Missing,
  repository: string,
  helm: Helm,
): Refusal | "silent" | undefined {
  const reason = reasonOf(stderr);
  if (/\/index\.yaml : (404|410) /.test(reason)) return renderNoRepository(repository);
  if (/\/index\.yaml : (401|403) /.test(reason)) return renderClosedRepository(repository);
  const added = helm(["repo", "add", "asked", repository]);
  if (added.kind !== "ended" || added.status !== 0) return "silent";
  const listed = helm(["search", "repo", "--versions", "--devel", "--output", "json"]);
  if (listed.kind !== "ended" || listed.status !== 0) return undefined;
  const all = found.parse(JSON.parse(listed.stdout));
  const name = `asked/${chart.name}`;
  const versions = all.filter((each) => each.name === name).map(({ version }) => version);
  if (versions.includes(chart.version)) return undefined;
  if (versions.length > 0) return renderVersions(chart, renderNearest(chart.version, versions));
  const names = [...new Set(all.map((each) => each.name.replace(/^asked\//, "")))];
  return {
    key: "name",
    found: `${chart.name}, which is no chart of ${repository}`,
    accepted: renderNearest(chart.name, names),
  };
}

function renderNoRepository(repository: string): Refusal {
  return {
    key: "repository",
    found: `${repository}, which has no index.yaml and so is no repository of charts`,
    accepted:
      "the address that its publisher gives for `helm repo add`, or one that begins with oci://",
  };
}

function renderClosedRepository(repository: string): Refusal {
  return {
    key: "repository",
    found: `${repository}, which wants a login, and there is no key for one`,
    accepted:
      "one that anybody may read, a registry (oci://) that Helm is logged in to, or the chart as a folder of the " +
      "project: `helm pull NAME --repo URL --version VERSION --username … --password … --untar --untardir charts`, " +
      "and repository: ./charts",
  };
}

/** A registry lists nothing. Helm finds the newest version of a chart whose name is right. */
function askRegistry({ chart, ref, stderr }: Missing, helm: Helm): Refusal | undefined {
  const reason = reasonOf(stderr);
  const other = /digest mismatch: (sha256:[0-9a-f]{64}) is not/.exec(reason)?.[1];
  if (other !== undefined) {
    const text = `${chart.digest ?? ""}, which is not that of ${chart.name} ${chart.version}`;
    return {
      key: "digest",
      found: text,
      accepted: `${other}, if it is to be what the registry has`,
    };
  }
  if (DENIED.test(reason)) return renderUnseenName(chart, ref);
  if (!MISSING.test(reason)) return undefined;
  const [name = ref] = ref.split("@");
  const shown = helm(["show", "chart", name, "--devel"]);
  if (shown.kind !== "ended") return undefined;
  if (shown.status === 0) {
    return renderVersions(chart, `one that is there; the newest is ${readVersion(shown.stdout)}`);
  }
  const answer = reasonOf(shown.stderr);
  if (!MISSING.test(answer) && !DENIED.test(answer)) return undefined;
  return renderUnseenName(chart, ref);
}

/** Registries say the same of what is not there and of what is not for everybody. */
function renderUnseenName({ name }: ChartConfig["chart"], ref: string): Refusal {
  const [, registry = "", host = ""] = /^(oci:\/\/([^/]+).*)\/[^/]+$/.exec(ref) ?? [];
  return {
    key: "name",
    found: `${name}, which ${registry} does not show to this computer`,
    accepted:
      "the name of a chart in that registry; or, where only those who are logged in see it, this before: " +
      `helm registry login ${host}`,
  };
}

/** What registries and their client say of what is not there. */
const MISSING =
  /: not found$|\bname unknown\b|manifest unknown|name not known to registry|status code 404\b|unable to locate any tags/i;

/** What they say to those who are not logged in; of many, also of what is not there. */
const DENIED =
  /status code 40[13]\b|\b(denied|unauthorized|forbidden)\b|authentication required|credential not found/i;

const FEW = 6;

function renderVersions({ name, version }: ChartConfig["chart"], there: string): Refusal {
  const found = `${version}, which is no version of ${name} in its repository`;
  const copy = `.vmstation/charts/${name}-${version}-… of a computer that fetched it`;
  return {
    key: "version",
    found,
    accepted: `${there}; or, if it was withdrawn, a copy of ${copy}`,
  };
}

/** The version in what Helm shows of a chart. */
export function readVersion(chartFile: string): string {
  return z.object({ version: z.string() }).parse(readDocument(chartFile)).version;
}

/** Some of them, the nearest first. */
function renderNearest(wanted: string, all: readonly string[]): string {
  if (all.length === 0) return "one that is there; the repository has none";
  const near = [...all].sort((a, b) => distance(wanted, a) - distance(wanted, b)).slice(0, FEW);
  const rest = all.length > FEW ? ` (and ${all.length - FEW} more)` : "";
  return `one of ${near.join(", ")}${rest}; did you mean ${closest(wanted, near)}?`;
}
