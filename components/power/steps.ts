import * as fs from "node:fs";
import * as path from "node:path";
import { readScript, type Step, type StepFile } from "../remote/step";
import {
  AGENT_HOME,
  AGENT_USER,
  CONFIGURATION,
  KEY,
  KNOWN_HOSTS,
  KUBECONFIG,
  PROGRAMS,
  appKeyFile,
  bmcFile,
  type Sleeper,
} from "./names";
import type { PowerConfig } from "./config";
import {
  AUTHORIZED_KEYS,
  renderAgentSettings,
  renderAuthorizedKey,
  renderLink,
  renderSudoers,
} from "./render-machine";
import { renderKnownHosts, renderSettings, type SettingsInput } from "./render-settings";
import { advertisedPorts, renderSocket, renderTimer } from "./render-units";

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

/** The controller's modules, by name. */
export function listModules(): string[] {
  return fs
    .readdirSync(path.join(__dirname, "files/lib"))
    .filter((file) => file.endsWith(".py"))
    .sort();
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
    libraries: ["files", "units", "accounts"],
    settings: { KEY, CONNECT: connect },
    files: [
      ...listModules().map((module): StepFile => ({
        path: `${PROGRAMS}/power/${module}`,
        content: script(`lib/${module}`),
        validate: "python",
      })),
      ...[...ENTRIES, ...(connect ? ["connect"] : [])].map(entry),
      { path: CONFIGURATION, content: renderSettings(input), mode: "0600" },
      { path: KNOWN_HOSTS, content: renderKnownHosts(input.sleepers) },
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

export interface Credentials {
  readonly kubeconfig: string;
  /** Machine name → password of its BMC. */
  readonly bmcPasswords: Readonly<Record<string, string>>;
  /** App name → API key of its probe. */
  readonly appKeys: Readonly<Record<string, string>>;
}

/** The controller's secrets, readable by root alone. */
export function credentialsStep(credentials: Credentials): Step {
  const secret = (path: string, content: string): StepFile => ({
    path,
    content: `${content.trimEnd()}\n`,
    mode: "0600",
    secret: true,
  });
  const { kubeconfig, bmcPasswords, appKeys } = credentials;
  return {
    name: "power-credentials",
    script: script("credentials.sh"),
    libraries: ["files"],
    files: [
      secret(KUBECONFIG, kubeconfig),
      ...Object.entries(bmcPasswords).map(([machine, text]) => secret(bmcFile(machine), text)),
      ...Object.entries(appKeys).map(([app, text]) => secret(appKeyFile(app), text)),
    ],
  };
}

/** What a machine that sleeps gets: the agent, who may run it, and Wake-on-LAN. */
export function agentStep(sleeper: Sleeper, config: PowerConfig): Step {
  return {
    name: "power-agent",
    script: script("agent.sh"),
    libraries: ["files", "accounts"],
    settings: { AGENT_USER, AGENT_HOME, NIC: sleeper.nic },
    files: [
      {
        path: `${PROGRAMS}/power-agent.py`,
        content: script("power-agent.py"),
        validate: "python",
      },
      {
        path: "/usr/local/sbin/vmstation-power-agent",
        content: script("power-agent.sh"),
        mode: "0755",
        validate: "shell",
      },
      {
        path: `${PROGRAMS}/power-gate.sh`,
        content: script("power-gate.sh"),
        mode: "0755",
        validate: "shell",
      },
      {
        path: "/etc/vmstation/power-agent.json",
        content: renderAgentSettings(sleeper, config),
      },
      {
        path: "/etc/sudoers.d/vmstation-power",
        content: renderSudoers(),
        mode: "0440",
        validate: "sudoers",
      },
      { path: "/etc/systemd/network/10-vmstation-wake.link", content: renderLink(sleeper.mac) },
    ],
  };
}

/** Lets the controller's key in. `publicKey`: what {@link controllerStep} printed. */
export function trustStep(publicKey: string, controllerAddress: string): Step {
  return {
    name: "power-trust",
    script: script("trust.sh"),
    libraries: ["files"],
    files: [{ path: AUTHORIZED_KEYS, content: renderAuthorizedKey(publicKey, controllerAddress) }],
  };
}
