import type { LanConfig } from "../remote/config";
import { wakeTimeoutOf, type PowerConfig } from "./config";
import {
  CONNECTIONS,
  KUBECONFIG,
  METRICS,
  ROLE,
  STATE_DIRECTORY,
  appKeyFile,
  probeFile,
  type Sleeper,
} from "./names";
import { renderTriggers } from "./triggers/triggers";
import type { AppProbe, SleepingApp } from "./types";
import { renderWays } from "./ways/ways";

export interface SettingsInput {
  readonly config: PowerConfig;
  readonly lan: LanConfig;
  readonly sleepers: readonly Sleeper[];
  readonly apps: readonly SleepingApp[];
  /** Whether the secret of that name is set; what needs one that is not is left out. */
  readonly hasSecret: (name: string) => boolean;
}

/** power.json, which the controller reads: see files/lib. Times in seconds, rates in bytes a second. */
export function renderSettings(input: SettingsInput): string {
  const settings = {
    key: ROLE.key,
    knownHosts: ROLE.knownHosts,
    agentUser: ROLE.account,
    kubectl: "kubectl",
    kubeconfig: KUBECONFIG,
    stateDirectory: STATE_DIRECTORY,
    metrics: METRICS,
    connections: CONNECTIONS,
    broadcast: input.lan.broadcast,
    ...(input.config.wakingPage === undefined ? {} : { page: input.config.wakingPage }),
    machines: input.sleepers.map((sleeper) => renderMachine(sleeper, input)),
    apps: input.apps.map((app) => renderApp(app, input)),
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

function renderMachine(sleeper: Sleeper, { config, lan, apps, hasSecret }: SettingsInput): object {
  const { power } = sleeper;
  return {
    name: sleeper.name,
    address: sleeper.address,
    sshPort: sleeper.sshPort,
    mac: sleeper.mac,
    offline: sleeper.offline,
    storage: Object.keys(sleeper.exports).length > 0,
    method: power.method,
    evict: power.evict,
    idleAfter: power.idleAfter ?? config.idleAfter,
    wakeTimeout: wakeTimeoutOf(power, config),
    sleepTimeout: config.sleepTimeout,
    checkEvery: config.checkEvery,
    minimumAwake: config.minimumAwake,
    minimumAsleep: config.minimumAsleep,
    maxChangesPerDay: config.maxChangesPerDay,
    testEvery: config.wakeTest.every,
    thresholds: config.thresholds,
    timeZone: lan.timeZone,
    quietHours: config.quietHours,
    ...renderTriggers(config, sleeper.name),
    watts: power.watts,
    ...renderWays(sleeper, hasSecret),
    apps: apps.filter((app) => app.machine === sleeper.name).map((app) => app.app),
  };
}

function renderApp(app: SleepingApp, { hasSecret }: SettingsInput): object {
  return {
    app: app.app,
    title: app.title,
    machine: app.machine,
    namespace: app.workload.namespace,
    kind: app.workload.kind,
    workload: app.workload.name,
    service: app.service,
    probePort: app.probePort,
    probe: renderProbe(app, hasSecret),
    advertised: app.advertised,
  };
}

/** The app's own probe, where it has one and the secret that it needs is set. */
export function probeOf(
  { probe }: Pick<SleepingApp, "probe">,
  hasSecret: SettingsInput["hasSecret"],
): AppProbe | undefined {
  const lacksSecret = probe?.secret !== undefined && !hasSecret(probe.secret);
  return lacksSecret ? undefined : probe;
}

function renderProbe(app: SleepingApp, hasSecret: SettingsInput["hasSecret"]): object {
  const probe = probeOf(app, hasSecret);
  if (probe === undefined) return {};
  return {
    file: probeFile(app.app),
    ...(probe.secret === undefined ? {} : { keyFile: appKeyFile(app.app) }),
  };
}
