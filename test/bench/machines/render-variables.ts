import type { NodeContext } from "../../../components/node/context";
import type { Machine } from "../../../components/node/machine";
import { nodeSteps } from "../../../components/node/steps";
import { type Setting, type Step, type StepFile, stepsOf } from "../../../components/remote/step";
import type { ValidationConfig } from "../../../components/validation/config";

/** A file as the playbook's copy tasks take it; every file of the steps belongs to root. */
interface FileVariables {
  path: string;
  content: string;
  mode: string;
}

/** The playbook's names of the steps' files. */
const FILES: readonly (readonly [name: string, path: RegExp])[] = [
  ["modules", /^\/etc\/modules-load\.d\//],
  ["sysctl", /^\/etc\/sysctl\.d\//],
  ["chrony", /\/chrony\.conf$/],
  ["journald", /\/journald\.conf\.d\//],
  ["rsyslog", /\/rsyslog\.d\//],
  ["limit_logs", /\/limit-logs\.py$/],
  ["logrotate", /\/logrotate\.d\//],
  ["logrotate_timer", /\/logrotate\.timer\.d\//],
  ["firewall_unit", /\/vmstation-firewall\.service$/],
  ["firewall_rules", /\.nft$/],
  ["sshd", /\/sshd_config\.d\//],
];

/** What one machine is to become, as the playbook's variables: the same texts that our steps carry. */
export function renderVariables(
  machine: Machine,
  context: NodeContext,
  preflight: ValidationConfig["preflight"],
): Record<string, unknown> {
  const steps = nodeSteps(machine, context).flatMap(stepsOf);
  const [os, version] = machine.os.split("-");
  return {
    ansible_host: machine.address,
    ansible_user: machine.sshUser,
    preflight: {
      ...{ os, version, nic: machine.nic, mac: machine.mac },
      ...{ least_kernel: preflight.kernel, least_memory: preflight.memory },
    },
    hosts: lines(settingOf(steps, "identity", "HOSTS")).join("\n"),
    // Debian's own name for UTC, which our step leaves as it is.
    time_zone: String(settingOf(steps, "identity", "TIME_ZONE")).replace(/^UTC$/, "Etc/UTC"),
    packages: lines(settingOf(steps, "packages", "PACKAGES")),
    unwanted_units: [
      ...lines(settingOf(steps, "packages", "UNWANTED_UNITS")),
      ...["ufw.service", "firewalld.service", "systemd-timesyncd.service"],
    ],
    log_folder: settingOf(steps, "logs", "LOG_FOLDER"),
    files: Object.fromEntries(steps.flatMap(({ files = [] }) => files.map(renderFile))),
  };
}

/** An inventory of these machines, in JSON, which is YAML as well. */
export function renderInventory(
  machines: readonly Machine[],
  ...rest: [NodeContext, ValidationConfig["preflight"]]
): string {
  const hosts = machines.map((m): [string, object] => [m.name, renderVariables(m, ...rest)]);
  return JSON.stringify({ all: { hosts: Object.fromEntries(hosts) } }, null, 2);
}

/** Throws for what the playbook would leave out: then the two would not do the same. */
function renderFile({ path, content, mode = "0644", owner }: StepFile): [string, FileVariables] {
  const name = FILES.find(([, pattern]) => pattern.test(path))?.[0];
  if (name === undefined) throw new Error(`the playbook has no task for ${path}`);
  if (owner !== undefined) throw new Error(`the playbook leaves ${path} to root`);
  if (/\{[{%#]/.test(content)) throw new Error(`Ansible would expand what is in ${path}`);
  return [name, { path, content, mode }];
}

function settingOf(steps: readonly Step[], step: string, name: string): Setting {
  const value = steps.find((each) => each.name === step)?.settings?.[name];
  if (value === undefined) throw new Error(`the step ${step} has no setting ${name}`);
  return value;
}

function lines(setting: Setting): readonly string[] {
  return typeof setting === "object" ? setting : [String(setting)];
}
