import * as fs from "node:fs";
import * as path from "node:path";
import type { DashboardFile } from "../../shared/facts";
import type { Problem } from "../../shared/problem";
import { dashboardUid } from "../frame/dashboard";
import { findJsonError } from "./json-error";
import { isRecord, listAt, textAt } from "./objects";

/** A ConfigMap holds 1 MiB. */
const MOST = 1_000_000;

/** Types of Grafana's data sources that the stack has, each also its uid. */
const SOURCES = ["prometheus", "loki"];

/** What Grafana has in itself. */
const BUILT_IN = ["grafana", "datasource", "__expr__"];

const FORM = "a dashboard as Grafana exports it: JSON with title and panels";

/** The app, and where the project's files are. */
export interface DashboardOwner {
  readonly name: string;
  readonly title: string;
  readonly folder: string;
}

export interface DashboardReading {
  readonly files: readonly DashboardFile[];
  readonly problems: readonly Problem[];
}

/** Dashboards that somebody has exported from a Grafana, made ready for the stack's own. */
export function readDashboards(owner: DashboardOwner, paths: readonly string[]): DashboardReading {
  const readings = paths.map((file, i) => {
    const read = readDashboard(owner, file, paths.slice(0, i));
    return "text" in read ? { file: read } : { problem: { ...read, path: keyOf(owner, i) } };
  });
  return {
    files: readings.flatMap(({ file }) => file ?? []),
    problems: readings.flatMap(({ problem }) => problem ?? []),
  };
}

const keyOf = ({ name }: DashboardOwner, i: number): string => `apps.${name}.dashboards[${i}]`;

const stemOf = (file: string): string => path.basename(file).replace(/\.json$/i, "");

type Refusal = Omit<Problem, "path">;

function readDashboard(
  owner: DashboardOwner,
  file: string,
  earlier: readonly string[],
): DashboardFile | Refusal {
  const refuse = (found: string, accepted = FORM): Refusal => ({
    found: `${file}${found}`,
    accepted,
  });
  const at = path.join(owner.folder, file);
  if (!fs.existsSync(at) || fs.statSync(at).isDirectory()) return refuse(": no such file");
  const twin = earlier.find((each) => uidOf(owner, each) === uidOf(owner, file));
  if (twin !== undefined) return refuse(`, beside ${twin}`, "files whose names differ");
  const text = fs.readFileSync(at, "utf8");
  const error = findJsonError(text);
  if (error !== undefined) return refuse(` ${error}: no JSON`);
  const value: unknown = JSON.parse(text);
  const title = textAt(value, "title");
  if (!isRecord(value) || title === undefined || !Array.isArray(value.panels ?? value.rows))
    return refuse(": no dashboard");
  const unknown = new Set<string>();
  const own = useOwnSources(value, readInputs(value, unknown), unknown);
  if (unknown.size > 0) {
    const found = `: a data source of type ${[...unknown].join(", ")}`;
    return refuse(found, `one of ${SOURCES.join(", ")}, which the stack has`);
  }
  const rendered = JSON.stringify(nameDashboard(own, owner, { title, uid: uidOf(owner, file) }));
  const size = Buffer.byteLength(rendered);
  if (size > MOST) return refuse(`: ${size} bytes`, `at most ${MOST} bytes`);
  return { uid: uidOf(owner, file), text: rendered };
}

/** Its address: the file's own may be another dashboard's. */
const uidOf = ({ name }: DashboardOwner, file: string): string =>
  dashboardUid(
    `${name}-${(
      stemOf(file)
        .toLowerCase()
        .match(/[a-z0-9]+/g) ?? []
    ).join("-")}`,
  );

/** Grafana refuses two of one title, and its own number for it is that of another database. */
function nameDashboard(
  value: unknown,
  owner: DashboardOwner,
  { title, uid }: { readonly title: string; readonly uid: string },
): object {
  const dropped = ["id", "__inputs", "__requires", "__elements"];
  const kept = Object.entries(isRecord(value) ? value : {}).filter(([k]) => !dropped.includes(k));
  const tags = isRecord(value) && Array.isArray(value.tags) ? value.tags : [];
  const own = tags.filter((tag) => typeof tag === "string");
  return {
    ...Object.fromEntries(kept),
    ...{ uid, title: `${owner.title}: ${title}` },
    tags: [...new Set(["vmstation", "apps", ...own])],
  };
}

/** What "Export for sharing" leaves open, by its mark in the texts. */
function readInputs(value: unknown, unknown: Set<string>): ReadonlyMap<string, string> {
  return new Map(
    listAt(value, "__inputs").flatMap((input): [string, string][] => {
      const name = textAt(input, "name");
      if (name === undefined) return [];
      const plugin = textAt(input, "pluginId");
      if (plugin === undefined) return [[`\${${name}}`, textAt(input, "value") ?? ""]];
      if (!SOURCES.includes(plugin)) unknown.add(plugin);
      return [[`\${${name}}`, plugin]];
    }),
  );
}

/** The same with the stack's data sources: another Grafana's have other names. */
function useOwnSources(
  value: unknown,
  inputs: ReadonlyMap<string, string>,
  unknown: Set<string>,
): unknown {
  if (typeof value === "string") {
    return [...inputs].reduce((text, [mark, own]) => text.replaceAll(mark, own), value);
  }
  if (Array.isArray(value)) return value.map((each) => useOwnSources(each, inputs, unknown));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const own = useOwnSources(inner, inputs, unknown);
    return [key, key === "datasource" ? ownSource(own, unknown) : own] as const;
  });
  return Object.fromEntries(entries);
}

function ownSource(source: unknown, unknown: Set<string>): unknown {
  const type = textAt(source, "type");
  const uid = textAt(source, "uid");
  if (!isRecord(source) || type === undefined || BUILT_IN.includes(type)) return source;
  if (!SOURCES.includes(type)) {
    unknown.add(type);
    return source;
  }
  // A variable of the dashboard, or Grafana's own such as "-- Mixed --".
  return uid !== undefined && /^(\$|-- )/.test(uid) ? source : { ...source, uid: type };
}
