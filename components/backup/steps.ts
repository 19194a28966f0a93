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
import { readScript, type Step, type StepFile } from "../remote/step";
import { SETS } from "./config";
import { CONFIGURATION, PASSWORD, ROLE } from "./names";
import {
  listAgentWords,
  listItems,
  renderAgentSettings,
  renderSettings,
  renderTimer,
  type BackupItem,
  type SettingsInput,
} from "./render-settings";

const UNITS = "/etc/systemd/system";

function script(file: string): string {
  return readScript(__dirname, `files/${file}`);
}

/** The modules come before the program that needs them: the machine may be cut off in between. */
const agent: readonly StepFile[] = [
  ...readModules(path.join(__dirname, "files/backup-agent"), `${PROGRAMS}/backup-agent`),
  { path: ROLE.program, content: script("backup-agent.py"), validate: "python" },
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
    libraries: ["files", "units", "agent"],
    settings: {
      ROLE: ROLE.name,
      KEY: ROLE.key,
      TIMERS: [...used.map((set) => `vmstation-backup@${set}`), "vmstation-backup-check"],
      SCHEDULES: [...used.map((set) => config[set].schedule), config.check.schedule],
    },
    files: [
      ...sharedModules(`${PROGRAMS}/backup`),
      ...readModules(path.join(__dirname, "files/lib"), `${PROGRAMS}/backup`),
      ...agent,
      {
        path: "/usr/local/bin/vmstation-backup",
        content: script("entry.sh"),
        mode: "0755",
        validate: "shell",
      },
      { path: CONFIGURATION, content: renderSettings(input), mode: "0600" },
      { path: ROLE.settings, content: renderAgentSettings(local) },
      { path: ROLE.knownHosts, content: renderKnownHosts(remote) },
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

/** The password of the repositories, readable by root alone. It is kept when the layer is removed. */
export function passwordStep(password: string): Step {
  return secretsStep(ROLE, "backup-password", [secretFile(PASSWORD, password)]);
}

/** What a machine gets whose folders are fetched: the agent, for its own items. */
export function agentStep(items: readonly BackupItem[]): Step {
  return baseStep(ROLE, {
    programs: agent,
    settings: renderAgentSettings(items),
    words: listAgentWords(items),
  });
}
