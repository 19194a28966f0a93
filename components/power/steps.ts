import * as path from "node:path";
import { renderKnownHosts } from "../remote/agent/render";
import { PROGRAMS } from "../remote/agent/role";
import {
  agentStep as baseStep,
  secretFile,
  secretsStep,
  sharedModules,
} from "../remote/agent/steps";
import { readModules } from "../remote/modules";
import { lanInterface } from "../shared/addresses";
import { readScript, type Step, type StepFile } from "../remote/step";
import {
  CARDS,
  CONFIGURATION,
  KUBECONFIG,
  ROLE,
  appKeyFile,
  probeFile,
  type Sleeper,
} from "./names";
import type { PowerConfig } from "./config";
import { AGENT_VERBS, renderAgentSettings, renderLink } from "./render-machine";
import { probeOf, renderSettings, type SettingsInput } from "./render-settings";
import type { SleepingApp } from "./types";
import { advertisedPorts, renderSocket, renderTimer } from "./render-units";
import { WAKE_CARDS } from "./wake-cards";
import { pageFiles } from "./waking-page";

/** Verbs of the controller that an entry /usr/local/bin/vmstation-VERB.sh stands for. */
export const ENTRIES = [
  "autosleep",
  "sleep",
  "wake",
  "event-wake",
  "power-state",
  "power-test",
  "collect-wake-logs",
  "hold",
  "release",
  "spin-down",
  "spin-up",
] as const;

const UNITS = "/etc/systemd/system";

function script(file: string): string {
  return readScript(__dirname, `files/${file}`);
}

function entry(verb: string): StepFile {
  return {
    path: `/usr/local/bin/vmstation-${verb}.sh`,
    content: script("entry.sh"),
    mode: "0755",
    validate: "shell",
  };
}

function unit(name: string, content = script(`units/${name}`)): StepFile {
  return { path: `${UNITS}/${name}`, content };
}

/** What the always-on control plane gets: programs, units, settings and a key of its own, which it prints. */
export function controllerStep(input: SettingsInput): Step {
  const connect = advertisedPorts(input.apps).length > 0;
  return {
    name: "power",
    script: script("controller.sh"),
    libraries: ["files", "units", "agent"],
    settings: { ROLE: ROLE.name, KEY: ROLE.key, CONNECT: connect },
    files: [
      ...sharedModules(`${PROGRAMS}/power`),
      ...readModules(path.join(__dirname, "files/lib"), `${PROGRAMS}/power`),
      ...pageFiles(`${PROGRAMS}/power`),
      ...input.apps.flatMap((app) => probeProgram(app, input.hasSecret)),
      ...[...ENTRIES, ...(connect ? ["connect"] : [])].map(entry),
      { path: CONFIGURATION, content: renderSettings(input), mode: "0600" },
      { path: ROLE.knownHosts, content: renderKnownHosts(input.sleepers) },
      unit("vmstation-autosleep.service"),
      unit("vmstation-autosleep.timer", renderTimer(input.config)),
      unit("vmstation-event-wake.service"),
      ...(connect
        ? [
            unit("vmstation-connect.socket", renderSocket(input.apps)),
            unit("vmstation-connect.service"),
          ]
        : []),
    ],
  };
}

function probeProgram(app: SleepingApp, hasSecret: SettingsInput["hasSecret"]): StepFile[] {
  const probe = probeOf(app, hasSecret);
  if (probe === undefined) return [];
  return [{ path: probeFile(app.app), content: probe.program, validate: "python" }];
}

export interface Credentials {
  readonly kubeconfig: string;
  /** File → what a way to wake logs in with. */
  readonly wakeSecrets: Readonly<Record<string, string>>;
  /** App name → API key of its probe. */
  readonly appKeys: Readonly<Record<string, string>>;
}

/** The controller's secrets, readable by root alone. */
export function credentialsStep({ kubeconfig, wakeSecrets, appKeys }: Credentials): Step {
  return secretsStep(ROLE, "power-credentials", [
    secretFile(KUBECONFIG, kubeconfig),
    ...Object.entries(wakeSecrets).map(([file, text]) => secretFile(file, text)),
    ...Object.entries(appKeys).map(([app, text]) => secretFile(appKeyFile(app), text)),
  ]);
}

/** Beside the API server's own: what stands before it on a worker of RKE2 and K3s, and their supervisor. */
const API_PORTS = [6444, 9345];

function resumeUnit(apiServerPort: number): StepFile {
  const ports = [apiServerPort, ...API_PORTS]
    .map((port) => `dport = :${String(port)}`)
    .join(" or ");
  const name = "vmstation-resume.service";
  return unit(name, script(`units/${name}`).replace("PORTS", ports));
}

/** What a machine that sleeps gets: the agent, Wake-on-LAN, and connections that are new after each sleep. */
export function agentStep(sleeper: Sleeper, config: PowerConfig, apiServerPort: number): Step {
  return baseStep(ROLE, {
    libraries: ["units"],
    programs: [{ path: ROLE.program, content: script("power-agent.py"), validate: "python" }],
    settings: renderAgentSettings(sleeper, config),
    words: AGENT_VERBS,
    script: script("agent.sh"),
    variables: { NIC: lanInterface(sleeper), MAC: sleeper.mac ?? "", CARDS },
    files: [
      { path: CARDS, content: WAKE_CARDS, mode: "0755", validate: "shell" },
      ...(sleeper.mac === undefined
        ? []
        : [
            {
              path: "/etc/systemd/network/10-vmstation-wake.link",
              content: renderLink(sleeper.mac),
            },
          ]),
      resumeUnit(apiServerPort),
    ],
  });
}
