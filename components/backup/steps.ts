import * as fs from "node:fs";
import * as path from "node:path";
import { readScript, type Step, type StepFile } from "../remote/step";
import { SETS } from "./config";
import {
  AGENT_CONFIGURATION,
  AGENT_HOME,
  AGENT_USER,
  AUTHORIZED_KEYS,
  CONFIGURATION,
  KEY,
  KNOWN_HOSTS,
  PASSWORD,
  PROGRAMS,
} from "./names";
import {
  listItems,
  renderAgentSettings,
  renderAuthorizedKey,
  renderKnownHosts,
  renderSettings,
  renderSudoers,
  renderTimer,
  type BackupItem,
  type SettingsInput,
} from "./render-settings";

const UNITS = "/etc/systemd/system";

function script(file: string): string {
  return readScript(__dirname, `files/${file}`);
}

/** The Python modules in a folder below files/, as they come to `target` on a machine. */
function listModules(folder: string, target: string): StepFile[] {
  return fs
    .readdirSync(path.join(__dirname, "files", folder))
    .filter((file) => file.endsWith(".py"))
    .sort()
    .map((module) => ({
      path: `${target}/${module}`,
      content: script(`${folder}/${module}`),
      validate: "python",
    }));
}

/** The modules come before the program that needs them: the machine may be cut off in between. */
const agent: readonly StepFile[] = [
  ...listModules("backup-agent", `${PROGRAMS}/backup-agent`),
  {
    path: `${PROGRAMS}/backup-agent.py`,
    content: script("backup-agent.py"),
    validate: "python",
  },
];

/** What the controller gets: programs, timers, settings, and a key of its own, which it prints. */
export function controllerStep(input: SettingsInput): Step {
  const items = listItems(input);
  const local = items.filter(({ machine }) => machine === undefined);
  const remote = input.machines.filter((m) =>
    items.some(({ machine }) => machine?.name === m.name),
  );
  const { config } = input;
  const used = SETS.filter((set) => items.some((item) => item.set === set));
  return {
    name: "backup",
    script: script("controller.sh"),
    libraries: ["files", "units", "accounts"],
    settings: {
      KEY,
      TIMERS: [...used.map((set) => `vmstation-backup@${set}`), "vmstation-backup-check"],
      SCHEDULES: [...used.map((set) => config[set].schedule), config.check.schedule],
    },
    files: [
      ...listModules("lib", `${PROGRAMS}/backup`),
      ...agent,
      {
        path: "/usr/local/bin/vmstation-backup",
        content: script("entry.sh"),
        mode: "0755",
        validate: "shell",
      },
      { path: CONFIGURATION, content: renderSettings(input), mode: "0600" },
      { path: AGENT_CONFIGURATION, content: renderAgentSettings(local) },
      { path: KNOWN_HOSTS, content: renderKnownHosts(remote) },
      ...["vmstation-backup@.service", "vmstation-backup-check.service"].map((name) => ({
        path: `${UNITS}/${name}`,
        content: script(`units/${name}`),
      })),
      ...used.map((set) => ({
        path: `${UNITS}/vmstation-backup@${set}.timer`,
        content: renderTimer(config[set].schedule, `Backs up ${set}`),
      })),
      {
        path: `${UNITS}/vmstation-backup-check.timer`,
        content: renderTimer(config.check.schedule, "Reads the backups back"),
      },
    ],
  };
}

/** The password of the repositories, readable by root alone. */
export function passwordStep(password: string): Step {
  return {
    name: "backup-password",
    script: script("password.sh"),
    libraries: ["files"],
    files: [{ path: PASSWORD, content: `${password}\n`, mode: "0600", secret: true }],
  };
}

/** What a machine gets whose folders are fetched: the agent, and who may run it. */
export function agentStep(items: readonly BackupItem[]): Step {
  return {
    name: "backup-agent",
    script: script("agent.sh"),
    libraries: ["files", "accounts"],
    settings: { AGENT_USER, AGENT_HOME },
    files: [
      ...agent,
      { path: AGENT_CONFIGURATION, content: renderAgentSettings(items) },
      {
        path: "/usr/local/sbin/vmstation-backup-agent",
        content: script("agent-entry.sh"),
        mode: "0755",
        validate: "shell",
      },
      {
        path: `${PROGRAMS}/backup-gate.sh`,
        content: script("backup-gate.sh"),
        mode: "0755",
        validate: "shell",
      },
      {
        path: "/etc/sudoers.d/vmstation-backup",
        content: renderSudoers(AGENT_USER, items),
        mode: "0440",
        validate: "sudoers",
      },
    ],
  };
}

/** Lets the controller's key in. `publicKey`: what {@link controllerStep} printed. */
export function trustStep(publicKey: string, controllerAddress: string): Step {
  return {
    name: "backup-trust",
    script: script("trust.sh"),
    libraries: ["files"],
    files: [{ path: AUTHORIZED_KEYS, content: renderAuthorizedKey(publicKey, controllerAddress) }],
  };
}
