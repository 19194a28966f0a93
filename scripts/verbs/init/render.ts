import { renderCommand } from "../../kit/advice";
import type { Warning } from "../../../stacks/warnings";
import { fingerprint } from "../../kit/host-keys/host-key";
import type { ShownMachine } from "./look";
import type { FoundVm } from "./proxmox/found";

/** What `vmstation init --json` prints. */
export interface InitReport {
  readonly version: 1;
  readonly stack: string;
  readonly file: string;
  /** Whether the file was written: false in a dry run. */
  readonly written: boolean;
  /** Where the earlier file is kept; null where there was none. */
  readonly backup: string | null;
  readonly machines: readonly {
    readonly name: string;
    readonly address: string;
    readonly hostKey: string;
  }[];
  /** What the configuration leaves open. */
  readonly warnings: readonly Warning[];
  /** The file's text. */
  readonly text: string;
}

/** The fingerprints, for a person to compare, and what even a person may overlook. */
export function renderShown(machines: readonly ShownMachine[]): string {
  const width = Math.max(...machines.map(({ asked }) => asked.name.length));
  const lines = machines.map(
    ({ asked, hostKey }) => `  ${asked.name.padEnd(width)}  ${fingerprint(hostKey)}\n`,
  );
  const shared = machines.filter(({ hostKey }, i) =>
    machines.some((other, k) => k !== i && other.hostKey === hostKey),
  );
  const shown = `They show these host keys:\n${lines.join("")}`;
  if (shared.length === 0) return shown;
  const names = shared.map(({ asked }) => asked.name).join(", ");
  return (
    `${shown}${names} have the same key: they are one machine, or one disk is a copy. A copy needs its own key ` +
    "(rm /etc/ssh/ssh_host_*; ssh-keygen -A; systemctl restart ssh).\n"
  );
}

/** What Proxmox has, for a person to choose from. */
export function renderFound(endpoint: string, vms: readonly FoundVm[]): string {
  const rows = vms.map(({ id, name, host, isRunning, address, isOurs }) => [
    ...[String(id), name, host, isRunning ? "running" : "off", address ?? "no known address"],
    isOurs ? "VMStation has made it: a stack has it" : "",
  ]);
  const widths = [0, 1, 2, 3, 4].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    `  ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd(),
  );
  return [`Virtual machines of ${endpoint}:`, ...lines, ""].join("\n");
}

/** In the file, beside the machine. */
export function renderVmRemark({ id, host }: Pick<FoundVm, "id" | "host">): string {
  return `Virtual machine ${id} on ${host}, by somebody else: VMStation prepares it, and leaves its hardware alone`;
}

/** Why nobody is asked whether a machine sleeps. */
export function renderStaysOn(machine: string): string {
  return `${machine} stays on: its NIC says that no magic packet can wake it.\n`;
}

function renderNext(commands: readonly (readonly [command: string, what: string])[]): string[] {
  const width = Math.max(...commands.map(([command]) => command.length));
  return commands.map(([command, what]) => `  ${command.padEnd(width)}  # ${what}`);
}

/** What was written, what is open and what comes next. */
export function renderDone({ stack, file, backup, warnings }: InitReport): string {
  return [
    `Written: ${file}${backup === null ? "" : ` (copy of the old file: ${backup})`}`,
    ...(warnings.length === 0 ? [] : ["Still open:"]),
    ...warnings.map(({ path, message }) => `  ${path}: ${message}`),
    "Read it. The next three commands:",
    ...renderNext([
      [renderCommand({ stack }, "plan"), "what the program would do; touches no machine"],
      [renderCommand({ stack }, "preflight"), "whether the machines are fit; changes nothing"],
      [renderCommand({ stack }, "up"), "shows the changes, asks, and makes them"],
    ]),
    "",
  ].join("\n");
}
