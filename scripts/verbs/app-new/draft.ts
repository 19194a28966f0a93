import type { Refusal } from "../../../components/apps/configured/ask-repository";
import {
  type ChartFolder,
  folderOf,
  isLocal,
  readChart,
} from "../../../components/apps/configured/chart";
import { listSecretNames } from "../../../components/apps/configured/judge-pod";
import { readKustomization } from "../../../components/apps/configured/kustomization";
import { readManifests } from "../../../components/apps/configured/manifests";
import {
  listAt,
  mapAt,
  textAt,
  type KubeObject,
  type Reading,
} from "../../../components/apps/configured/objects";
import { containersOf, podSpecOf } from "../../../components/apps/configured/pods";
import { findNewest, placeChart } from "../../../components/apps/configured/pull-chart";
import { renderChart, renderFolder } from "../../../components/apps/configured/render";
import type { Judging } from "../../../components/apps/frame/app";
import { join } from "node:path";

/** What the app is made of, as the command line says it. */
export type Source =
  | { readonly kind: "manifests"; readonly files: readonly string[] }
  | { readonly kind: "kustomize"; readonly folder: string }
  | {
      readonly kind: "chart";
      readonly chart: { name: string; version: string; repository: string };
    };

/** The block of an app, as far as its files tell it. */
export type Draft = Readonly<Record<string, unknown>>;

/** What a version is written as until somebody says it. */
const UNKNOWN = "VERSION";

interface AskedChart {
  readonly name: string;
  readonly version?: string | undefined;
  readonly repository: string;
}

/** A chart without a version gets the one that the project holds, or its repository's newest where Helm can ask it. */
export function completeChart(
  asked: AskedChart,
  project: string,
  how: Judging,
): { name: string; version: string; repository: string } {
  const { name, repository } = asked;
  const chart = { ...asked, version: "" };
  const find = (): string | undefined =>
    isLocal({ chart })
      ? readChart(join(project, folderOf({ chart })))?.version
      : findNewest(chart, how.sources);
  return { name, version: asked.version ?? find() ?? UNKNOWN, repository };
}

/** What is seen of a source. */
export interface Seen {
  readonly objects: readonly KubeObject[];
  /** The chart of a repository. */
  readonly chart?: ChartFolder;
  /** What the repository says against the chart's name or version. */
  readonly refusal?: Refusal;
  /** Why the repository could not be asked. */
  readonly unseen?: string | undefined;
}

/** The objects of a source, as far as they can be seen here. */
export function readSource(name: string, source: Source, project: string, how: Judging): Seen {
  if (source.kind === "manifests") return seen(readManifests(source.files, project));
  if (source.kind === "kustomize") {
    const { reading, isWhole } = readKustomization(source.folder, project);
    return seen((isWhole ? undefined : renderFolder(source.folder, project)) ?? reading);
  }
  const own = { app: name, values: {}, cwd: project, cluster: how.cluster };
  if (isLocal(source)) {
    const folder = folderOf(source);
    return seen(renderChart({ ...own, folder, title: folder }));
  }
  const placed = placeChart(source, how);
  if (placed.kind === "refused") return { objects: [], refusal: placed.refusal };
  if (placed.kind === "unasked") return { objects: [] };
  if (placed.kind === "unseen") return { objects: [], unseen: placed.reason };
  const { chart } = placed;
  return { ...seen(renderChart({ ...own, folder: chart.folder, title: chart.name })), chart };
}

const seen = (reading: Reading | undefined): Seen => ({
  objects: reading?.objects.map(({ object }) => object) ?? [],
});

export interface Wanted {
  readonly name: string;
  readonly source: Source;
  readonly objects: readonly KubeObject[];
  readonly machine: string | undefined;
  /** From here on, the next free one. */
  readonly nodePort: () => number;
}

/** What stands in the block of the app. */
export function draftApp({ name, source, objects, machine, nodePort }: Wanted): Draft {
  const workloads = objects.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
  const services = objects.filter(({ kind }) => kind === "Service");
  const main = workloads.find(({ metadata }) => metadata.name === name) ?? workloads[0];
  const service = services.find(({ metadata }) => metadata.name === name) ?? services[0];
  const volumes = listClaims(workloads).map((claim, i) => [
    claim,
    { path: i === 0 ? `/var/lib/${name}` : `/var/lib/${name}-${claim}` },
  ]);
  const secrets = workloads.flatMap(listSecrets);
  const own = main?.metadata.name;
  const isSet = own !== undefined && (own !== name || main?.kind !== "Deployment");
  return {
    ...source,
    ...(machine === undefined ? {} : { machine }),
    ...(isSet ? { workload: { kind: main?.kind, name: own } } : {}),
    ...(service !== undefined && service.metadata.name !== name
      ? { service: service.metadata.name }
      : {}),
    ports: listPorts(service, main, nodePort),
    ...(volumes.length === 0 ? {} : { volumes: Object.fromEntries(volumes) as unknown }),
    ...(secrets.length === 0 ? {} : { secrets: Object.fromEntries(secrets) }),
  };
}

function listPorts(
  service: KubeObject | undefined,
  main: KubeObject | undefined,
  nodePort: () => number,
): Readonly<Record<string, object>> {
  const found = listAt(service?.spec, "ports");
  if (found.length === 0) return { http: { port: 80, nodePort: nodePort() } };
  const containers = main === undefined ? [] : containersOf(podSpecOf(main) ?? {});
  const named = containers.flatMap((container) => listAt(container, "ports"));
  return Object.fromEntries(
    found.map((each, i) => {
      const { port, targetPort } = each;
      const behind =
        typeof targetPort === "string"
          ? named.find(({ name }) => name === targetPort)?.containerPort
          : targetPort;
      const podPort = typeof behind === "number" && behind !== port ? { podPort: behind } : {};
      const key = textAt(each, "name") ?? (i === 0 ? "http" : `port-${Number(port)}`);
      return [key, { port, ...podPort, nodePort: nodePort() }];
    }),
  );
}

function listClaims(workloads: readonly KubeObject[]): string[] {
  const claims = workloads.flatMap((object) =>
    listAt(podSpecOf(object), "volumes").flatMap(
      (volume) => textAt(volume.persistentVolumeClaim, "claimName") ?? [],
    ),
  );
  return [...new Set(claims)];
}

/** Each Secret that a pod refers to, its keys with names for the stack's file. */
function listSecrets(object: KubeObject): [string, Readonly<Record<string, string>>][] {
  const spec = podSpecOf(object) ?? {};
  return listSecretNames(spec).map((secret) => {
    const refs = containersOf(spec)
      .flatMap((container) => listAt(container, "env"))
      .map((variable) => mapAt(variable, "valueFrom", "secretKeyRef"))
      .filter(({ name }) => name === secret);
    const keys = [...new Set(refs.flatMap((ref) => textAt(ref, "key") ?? []))];
    const all = keys.length === 0 ? ["KEY"] : keys;
    return [secret, Object.fromEntries(all.map((key) => [key, camelCase(`${secret}-${key}`)]))];
  });
}

/** "feed-db_PASSWORD" is feedDbPassword. */
function camelCase(text: string): string {
  const [first = "", ...rest] = text.toLowerCase().split(/[^a-z0-9]+/);
  const start = first.replace(/^[^a-z]+/, "") || "secret";
  return start + rest.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join("");
}
