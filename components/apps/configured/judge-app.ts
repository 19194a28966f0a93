import * as fs from "node:fs";
import * as path from "node:path";
import { closest } from "fastest-levenshtein";
import type { Problem } from "../../shared/problem";
import type { Judged, Judging } from "../frame/app";
import { readDashboards } from "./dashboards";
import { folderOf, isLocal } from "./chart";
import { judgeBySchema, judgeChart } from "./judge-chart";
import { judgeKeys } from "./judge-keys";
import { judgeObject } from "./judge-object";
import { readManifests } from "./manifests";
import { readKustomization } from "./kustomization";
import { describe, listAt, type Finding, type Reading } from "./objects";
import { placeChart } from "./pull-chart";
import { renderChart, renderFolder } from "./render";
import type { ChartConfig } from "./schema";
import type { ConfiguredApp } from "./values";

/** What is wrong with an app and with the files that it names: all that can be seen without another program. */
export function judgeApp(app: ConfiguredApp): Problem[] {
  const { config, folder } = app;
  const owner = { name: app.plan.name, title: app.plan.title, folder };
  const { problems } = readDashboards(owner, config.dashboards);
  return [...judgeKeys(app), ...judgeProbe(app), ...problems, ...judgeFiles()];

  function judgeFiles(): Problem[] {
    if (config.kind === "chart") return judgeChart(app.plan.name, config, folder);
    if (config.kind === "manifests") return judgeReading(app, readManifests(config.files, folder));
    const { reading, isWhole } = readKustomization(config.folder, folder);
    // Patches may change what stands in the files: only what is read whole is judged by its objects.
    return isWhole ? judgeReading(app, reading) : listProblems(app, reading.findings);
  }
}

/** What is wrong with what Helm or Kustomize make of the app, where the program and the files are available. */
export function judgeRendered(app: ConfiguredApp, how: Judging): Judged {
  const { config, folder } = app;
  if (config.kind === "manifests") return NOTHING;
  if (config.kind === "chart") return judgeChartFiles(app, config, how);
  if (readKustomization(config.folder, folder).isWhole) return NOTHING;
  return judgeMade(app, renderFolder(config.folder, folder));
}

const NOTHING: Judged = { problems: [], warnings: [] };

const judgeMade = (app: ConfiguredApp, made: Reading | undefined): Judged =>
  made === undefined ? NOTHING : { ...NOTHING, problems: judgeReading(app, made) };

function judgeChartFiles(app: ConfiguredApp, config: ChartConfig, how: Judging): Judged {
  const { name } = app.plan;
  const { chart } = config;
  const placed = isLocal(config)
    ? { kind: "local" as const, path: folderOf(config) }
    : placeChart(config, how);
  const render = (own: { folder: string; title: string }) =>
    renderChart({
      app: name,
      values: config.values,
      cwd: app.folder,
      cluster: how.cluster,
      ...own,
    });
  switch (placed.kind) {
    case "local":
      return judgeMade(app, render({ folder: placed.path, title: placed.path }));
    case "refused": {
      const { key, found, accepted } = placed.refusal;
      return { ...NOTHING, problems: [{ path: `apps.${name}.chart.${key}`, found, accepted }] };
    }
    case "unasked":
      return NOTHING;
    case "unseen":
      return { ...NOTHING, warnings: [renderUnseen(name, chart, placed.reason)] };
    case "placed": {
      const { folder } = placed.chart;
      const made = render({ folder, title: `${chart.name} ${chart.version}` });
      // Helm's word on the values counts. Ours names their keys.
      const isRefused = made !== undefined && made.findings.length > 0;
      const named = isRefused ? judgeBySchema(`apps.${name}`, config, placed.chart) : [];
      return named.length > 0 ? { ...NOTHING, problems: named } : judgeMade(app, made);
    }
  }
}

const renderUnseen = (name: string, chart: ChartConfig["chart"], reason: string) => ({
  path: `apps.${name}.chart`,
  message: `${chart.name} ${chart.version} cannot be fetched from ${chart.repository}, and was not checked: ${reason}`,
});

function judgeReading(app: ConfiguredApp, reading: Reading): Problem[] {
  const isChart = app.config.kind === "chart";
  const own = reading.objects.flatMap((source) => judgeObject(source, app, isChart));
  const twice = findTwice(reading);
  const problems = listProblems(app, [...reading.findings, ...own, ...twice]);
  // What is not read cannot be missed.
  return reading.findings.length > 0 ? problems : [...problems, ...judgeParts(app, reading)];
}

/** The key that names the files. */
function keyOf({ plan, config }: ConfiguredApp): string {
  const keys = { chart: "chart", kustomize: "folder", manifests: "files" } as const;
  return `apps.${plan.name}.${keys[config.kind]}`;
}

function listProblems(app: ConfiguredApp, findings: readonly Finding[]): Problem[] {
  return findings.map(({ where, found, accepted }) => ({
    path: keyOf(app),
    found: `${where}: ${found}`,
    accepted,
  }));
}

function findTwice({ objects }: Reading): Finding[] {
  return objects.flatMap(({ object, where }, i) => {
    const earlier = objects
      .slice(0, i)
      .find(
        (other) =>
          describe(other.object) === describe(object) &&
          other.object.apiVersion === object.apiVersion,
      );
    if (earlier === undefined) return [];
    const found = `${describe(object)}, which is also at ${earlier.where}`;
    return [{ where, found, accepted: "one object of each kind and name" }];
  });
}

/** That the workload and the Service are there, by whose names the frame knows them. */
function judgeParts(app: ConfiguredApp, { objects }: Reading): Problem[] {
  const { plan } = app;
  const all = objects.map(({ object }) => object);
  const named = (kind: string) => all.filter((object) => object.kind === kind);
  const missing = (key: string, kind: string, name: string): Problem[] => {
    const names = named(kind).map(({ metadata }) => metadata.name);
    if (names.includes(name)) return [];
    const accepted =
      names.length === 0
        ? `a ${kind} in ${keyOf(app)}`
        : `one of ${names.join(", ")}; did you mean ${closest(name, names)}?`;
    return [{ path: key, found: `${name}, which is no ${kind} there`, accepted }];
  };
  const key = `apps.${plan.name}`;
  return [
    ...missing(`${key}.workload.name`, plan.workload.kind, plan.workload.name),
    ...missing(`${key}.service`, "Service", plan.service),
    ...named("Service")
      .filter(({ metadata }) => metadata.name === plan.service)
      .flatMap((service) => judgePorts(app, service)),
  ];
}

function judgePorts({ plan }: ConfiguredApp, service: object): Problem[] {
  const spec: unknown = Reflect.get(service, "spec");
  const there = listAt(spec, "ports").map(({ port }) => Number(port));
  return plan.ports
    .filter(({ port }) => !there.includes(port))
    .map(({ name, port }) => ({
      path: `apps.${plan.name}.ports.${name}.port`,
      found: `${port}, which is no port of the Service ${plan.service}`,
      accepted: there.length === 0 ? "a port of it" : `one of ${there.join(", ")}`,
    }));
}

function judgeProbe({ plan, config, folder }: ConfiguredApp): Problem[] {
  const { probe } = config.use;
  if (probe === undefined) return [];
  const path_ = `apps.${plan.name}.use.probe`;
  const file = path.join(folder, probe);
  if (!fs.existsSync(file)) {
    return [{ path: path_, found: `${probe}, which is not there`, accepted: PROBE }];
  }
  const hasUsers = /^def users\(/m.test(fs.readFileSync(file, "utf8"));
  return hasUsers ? [] : [{ path: path_, found: `${probe}, without users`, accepted: PROBE }];
}

const PROBE = "a Python file of the project with def users(address, port, key), a number of people";
