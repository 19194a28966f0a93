import type { BackupSource } from "../shared/facts";
import { findMount } from "../shared/mounts";
import type { BackupConfig, BackupSet } from "./config";
import { SETS } from "./config";
import { CONTROL_PLANE_ITEM, ETCD_ITEM, METRICS } from "./names";
import type { BackupMachine, ControlPlaneBackup } from "./types";

/** A backup is refused while less than this share of its disk is free. */
const MINIMUM_FREE = 0.1;

/** One thing that is backed up by itself; its name is unique, and part of its snapshots' tags. */
export interface BackupItem {
  readonly name: string;
  readonly set: BackupSet;
  /** etcd by its own tools, folders as they are, or an archive that the agent makes where they are in use. */
  readonly kind: "etcd" | "tree" | "archive";
  readonly paths: readonly string[];
  readonly leaveOut: readonly string[];
  /** Where the archive is fetched from; absent on the controller itself. */
  readonly machine?: Pick<BackupMachine, "name" | "address" | "sleeps" | "offline"> & {
    readonly port: number;
  };
  /** What must release the old folder once another one is in its place. */
  readonly pods?: BackupSource["pods"];
}

export interface SettingsInput {
  readonly clusterName: string;
  readonly config: BackupConfig;
  readonly controller: BackupMachine;
  readonly machines: readonly BackupMachine[];
  readonly controlPlane: ControlPlaneBackup;
  readonly sources: readonly BackupSource[];
}

/** Everything that is backed up, in the order in which it is; etcd where the controller is a member of it. */
export function listItems(input: SettingsInput): BackupItem[] {
  const { controller, controlPlane, sources } = input;
  const etcd: BackupItem = { name: ETCD_ITEM, set: "etcd", kind: "etcd", paths: [], leaveOut: [] };
  return [
    ...(controller.roles.includes("etcd") ? [etcd] : []),
    {
      name: CONTROL_PLANE_ITEM,
      set: "etcd",
      kind: "tree",
      paths: controlPlane.files,
      leaveOut: [],
    },
    ...SETS.flatMap((set) => sources.filter((source) => source.set === set)).map((source) =>
      renderItem(source, input),
    ),
  ];
}

/** The agent makes an archive of databases in use, and of folders on another machine. */
function renderItem(source: BackupSource, input: SettingsInput): BackupItem {
  const machine = input.machines.find(({ name }) => name === source.machine);
  if (machine === undefined) throw new Error(`there is no machine ${source.machine}`);
  const { name, address, sshPort, sleeps, offline } = machine;
  const local = name === input.controller.name;
  return {
    name: source.name,
    set: source.set,
    kind: local && !source.databases ? "tree" : "archive",
    paths: [source.directory],
    leaveOut: source.leaveOut,
    ...(local ? {} : { machine: { name, address, port: sshPort, sleeps, offline } }),
    pods: source.pods,
  };
}

/** restic's --keep-within, which has days and hours: "7d", "36h". */
export function renderWithin(seconds: number): string {
  const hours = Math.ceil(seconds / 3600);
  return hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`;
}

/** What the controller's program reads. */
export function renderSettings(input: SettingsInput): string {
  const { config, controller, controlPlane } = input;
  const items = listItems(input);
  const used = SETS.filter((set) => items.some((item) => item.set === set));
  const settings = {
    cluster: input.clusterName,
    repository: config.repository,
    mount: findMount(Object.keys(controller.mounts), config.repository) ?? "",
    minimumFree: MINIMUM_FREE,
    holdSeconds: config.hold,
    checkSubset: config.check.subset,
    metrics: METRICS,
    sets: Object.fromEntries(used.map((set) => [set, renderSet(config, set)])),
    etcd: { access: controlPlane.access, member: controlPlane.member },
    kubectl: controlPlane.kubectl,
    items,
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

function renderSet(config: BackupConfig, set: BackupSet): object {
  const { keepLast, keep, overdueAfter } = config[set];
  return {
    keepLast,
    keepWithin: renderWithin(keep),
    maxAge: overdueAfter,
    checkMaxAge: config.check.overdueAfter,
  };
}

/** The agent's settings on one machine: what the controller may ask of it. */
export function renderAgentSettings(items: readonly BackupItem[]): string {
  const archives = items.filter(({ kind }) => kind === "archive");
  const settings = {
    items: Object.fromEntries(
      archives.map(({ name, paths, leaveOut }) => [name, { path: paths[0], leaveOut }]),
    ),
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

export function renderTimer(schedule: string, about: string, unit?: string): string {
  return [
    "[Unit]",
    `Description=${about}`,
    "",
    "[Timer]",
    `OnCalendar=${schedule}`,
    "Persistent=true",
    ...(unit === undefined ? [] : [`Unit=${unit}`]),
    "",
    "[Install]",
    "WantedBy=timers.target",
    "",
  ].join("\n");
}

/** What the controller may ask of a machine's agent: its own items. */
export function listAgentWords(items: readonly BackupItem[]): string[] {
  return items.flatMap(({ name }) => ["archive", "restore"].map((verb) => `${verb} ${name}`));
}
