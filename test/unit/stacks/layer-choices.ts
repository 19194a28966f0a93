import { checkConfig } from "../../../stacks/check";
import { renderProblems } from "../../../stacks/errors";
import { HYPERVISOR } from "../../support/hypervisor";
import { METHOD_NAMES, withNeeded, type Method } from "../../support/methods";
import type { Site } from "../../../stacks/site";

/** What a stack may have or leave out, as far as it decides which layers make resources. */
export interface LayerChoice {
  readonly method: Method;
  /** Names of the machines by role: every control plane is an etcd member. */
  readonly machines: keyof typeof MACHINES;
  readonly sleeps: "nothing" | "a worker";
  readonly apps: "none" | "always-on" | "sleeping" | "both";
  readonly gitops?: boolean;
  readonly platform?: boolean;
  /** Whether all machines are virtual. */
  readonly hypervisor?: boolean;
  readonly monitoring: boolean;
  readonly backup: boolean;
  /** The control plane that the configuration names as the controller, if it names one. */
  readonly controller?: string;
}

const MACHINES = {
  "one for all": { planes: ["alpha"], workers: [] },
  two: { planes: ["alpha"], workers: ["beta"] },
  "three planes": { planes: ["alpha", "gamma", "mu"], workers: [] },
  "three planes, two workers": { planes: ["alpha", "gamma", "mu"], workers: ["beta", "omega"] },
} as const satisfies Record<string, { planes: readonly string[]; workers: readonly string[] }>;

/** All that make sense: what sleeps is a worker. */
export function everyLayerChoice(): LayerChoice[] {
  const apps = ["none", "always-on", "sleeping", "both"] as const;
  const some = ["nothing", "a worker"] as const;
  const either = [false, true] as const;
  const machines = ["one for all", "two", "three planes", "three planes, two workers"] as const;
  return machines
    .flatMap((m) => METHOD_NAMES.map((method) => ({ machines: m, method })))
    .flatMap((one) => some.map((sleeps) => ({ ...one, sleeps })))
    .flatMap((one) => apps.map((a) => ({ ...one, apps: a })))
    .flatMap((one) => either.map((gitops) => ({ ...one, gitops })))
    .flatMap((one) => either.map((platform) => ({ ...one, platform })))
    .flatMap((one) => either.map((hypervisor) => ({ ...one, hypervisor })))
    .flatMap((one) => either.map((monitoring) => ({ ...one, monitoring })))
    .flatMap((one) => either.map((backup) => ({ ...one, backup })))
    .filter(makesSense);
}

function makesSense(choice: LayerChoice): boolean {
  const workers = MACHINES[choice.machines].workers.length;
  const sleepingApp = choice.apps === "sleeping" || choice.apps === "both";
  if (sleepingApp && choice.sleeps === "nothing") return false;
  return workers > 0 || choice.sleeps === "nothing";
}

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdYdLPMmVc3ycEHwUnzWkrO9LWVmTmG0LJZJ1M8dHyC";

export function siteOf(choice: LayerChoice): Site {
  const { planes, workers } = MACHINES[choice.machines];
  const names: readonly string[] = [...planes, ...workers];
  const sleeper = choice.sleeps === "nothing" ? undefined : workers[0];
  const machines = names.map((name, i): [string, object] => [
    name,
    {
      ...{ address: `192.0.2.${10 + i}`, mac: `02:00:00:00:00:${10 + i}`, nic: "eth0" },
      ...{ os: "debian-12", sshUser: "ops", hostKey: KEY, dns: ["192.0.2.1"] },
      roles: i < planes.length ? ["control-plane", "etcd"] : ["worker"],
      power: { mode: name === sleeper ? "sleeps" : "always-on" },
      ...(choice.hypervisor ? renderVirtual(i, name === sleeper) : {}),
    },
  ]);
  const values = {
    cluster: { name: "home" },
    lan: { cidr: "192.0.2.0/24", gateway: "192.0.2.1", broadcast: "192.0.2.255" },
    machines: Object.fromEntries(machines),
    ...(choice.hypervisor ? { hypervisor: { ...HYPERVISOR, hosts: HOSTS, ...POWER_TOKEN } } : {}),
    node: { timeServer: "alpha", logServer: "alpha" },
    bootstrap: { ...withNeeded(choice.method), controller: choice.controller },
    ...(choice.platform ? { platform: { loadBalancer: { addresses: ["192.0.2.224/29"] } } } : {}),
    ...(choice.monitoring ? { monitoring: { machine: "alpha" } } : {}),
    network: {},
    backup: { enabled: choice.backup },
    apps: renderApps(choice.apps, sleeper),
    ...(choice.gitops ? { gitops: GITOPS } : {}),
  };
  const { site, problems } = checkConfig({ values, secretKeys: [] });
  if (site === undefined) throw new Error(renderProblems("home", problems));
  return site;
}

const GITOPS = {
  ...{ machine: "alpha", namespaces: ["mqtt"] },
  repository: "https://git.example.org/me/home.git",
};
const POWER_TOKEN = { powerTokenSecret: "proxmoxPowerToken" };
const HOSTS = { "pve-a": { address: "192.0.2.33", cpus: 32, memory: "64Gi" } };

/** What is otherwise where the machine is a virtual one. */
function renderVirtual(i: number, sleeps: boolean): object {
  const vm = { host: "pve-a", id: 150 + i, cores: 2, disk: "64Gi" };
  const power = { mode: "sleeps", method: "poweroff", wakeTimeout: "10m" };
  return { mac: undefined, memory: "8Gi", vm, ...(sleeps ? { power } : {}) };
}

function renderApps(apps: LayerChoice["apps"], sleeper: string | undefined): object {
  return {
    ...(apps === "always-on" || apps === "both"
      ? { minecraft: { machine: "alpha", eula: true } }
      : {}),
    ...(apps === "sleeping" || apps === "both" ? { jellyfin: { machine: sleeper } } : {}),
  };
}
