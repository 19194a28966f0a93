import { renderCommand } from "../../kit/advice";
import { statusWords } from "../../kit/look/status-words";
import { VM_NAME } from "../../kit/proxmox/vm-name";
import { printable } from "../../kit/terminal/printable";
import type { Style } from "../../kit/terminal/style";
import { EXIT } from "../../kit/user-error";
import type {
  Difference,
  DriftReport,
  MachineReport,
  ResourceReport,
  ResourceStatus,
} from "../../kit/look/report";

/** Lines of one diff that people are shown; --json has all. */
const DETAIL_LINES = 40;

/** What is done on a machine, and what comes next. */
export function renderConnecting(): [state: string, next: string] {
  return ["logging in", "its steps are compared"];
}

export function renderChecking(
  done: number,
  all: number,
  [now, next]: readonly string[],
): [state: string, next: string] {
  if (now === undefined) return [`${done} of ${all} compared`, ""];
  return [`${done} of ${all} compared, now ${now}`, next ?? "the report"];
}

function indent(text: string, by: number): string[] {
  return printable(text)
    .split("\n")
    .map((line) => `${" ".repeat(by)}${line}`);
}

function count(resources: readonly ResourceReport[], status: ResourceReport["status"]): number {
  return resources.filter((resource) => resource.status === status).length;
}

/** The report for people: machines, what is not as described on each, and one line that sums up. */
export function renderText(report: DriftReport, style: Style): string {
  const lines = report.machines.flatMap((machine) => [...renderMachine(machine, style), ""]);
  return [...lines, ...renderSummary(report, style)].join("\n") + "\n";
}

function renderMachine(machine: MachineReport, style: Style): string[] {
  const title = style.bold(`${machine.machine} (${machine.address})`);
  const failed = machine.error === null ? [] : indent(machine.error, 2);
  // If the connection ended early, what was found until then. The reason was shown above.
  const isWhole = machine.status === "looked-at" || machine.status === "asleep";
  const told: readonly ResourceStatus[] = isWhole
    ? ["drifted", "mended", "could-not-look"]
    : ["drifted"];
  const details = machine.resources
    .filter(
      ({ status, differences }) =>
        told.includes(status) || (status === "as-described" && differences.length > 0),
    )
    .flatMap((resource) => renderResource(resource, style));
  return [
    `${title}: ${renderStatus(machine)}`,
    ...failed,
    ...details,
    ...renderConfirmations(machine),
    ...renderUncompared(machine, style),
  ];
}

function renderStatus({ status, resources }: MachineReport): string {
  if (status === "asleep") return "asleep; not checked, and not woken";
  if (status === "offline") return "offline, as the configuration says";
  if (status === "unreachable") return "unreachable";
  if (status === "could-not-look") return "could not be checked";
  const parts = (["drifted", "mended", "could-not-look", "as-described"] as const)
    .map((each) => [count(resources, each), statusWords(each)] as const)
    .filter(([number]) => number > 0)
    .map(([number, text]) => `${number} ${text}`);
  return parts.length > 0 ? parts.join(", ") : "nothing to compare";
}

function renderResource(resource: ResourceReport, style: Style): string[] {
  const { name, status, reason, differences, fix } = resource;
  const state = fix === null ? statusWords(status) : statusWords(fix.outcome);
  return [
    `  ${style.yellow(name)}: ${state}`,
    ...(reason === null ? [] : indent(reason, 4)),
    ...differences.flatMap((difference) => renderDifference(difference, style)),
    ...(fix?.error == null ? [] : indent(fix.error, 4)),
  ];
}

function renderDifference({ kind, name, reason, details }: Difference, style: Style): string[] {
  const lines = details === null ? [] : indent(details, 6);
  const shown = lines.slice(0, DETAIL_LINES).map((line) => style.dim(line));
  const left = lines.length - shown.length;
  return [
    ...indent(`${kind} ${name}: ${reason}`, 4),
    ...shown,
    ...(left > 0 ? [style.dim(`      … ${left} more lines (--json has them)`)] : []),
  ];
}

function renderConfirmations({ confirmations }: MachineReport): string[] {
  return confirmations.flatMap(({ name, outcome, error }) => [
    `  ${name}: ${CONFIRMED[outcome]}`,
    ...(error === null ? [] : indent(error, 4)),
  ]);
}

const CONFIRMED = {
  mended: "run, so that the change stays",
  "still-drifted": "run",
  failed: "failed, so the change may undo itself",
  skipped: "not run",
  "would-run": "would run, so that the change stays",
} as const;

function renderUncompared({ resources, status }: MachineReport, style: Style): string[] {
  if (status !== "looked-at") return [];
  const reasons = new Map<string, string[]>();
  for (const { name, status: own, reason } of resources) {
    if (own !== "not-compared" || reason === null) continue;
    reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  }
  return [...reasons].flatMap(([reason, names]) =>
    style.hang("  ", `not compared, as ${reason}: ${names.join(", ")}`, "  ").map((line) => {
      return style.dim(line);
    }),
  );
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function renderSummary({ stack, machines, exitCode }: DriftReport, style: Style): string[] {
  const resources = machines.flatMap((machine) => machine.resources);
  const sessions = machines.reduce((sum, machine) => sum + machine.sessions, 0);
  const numbers = new Map<string, number>();
  for (const { status } of resources) {
    const text = statusWords(status);
    numbers.set(text, (numbers.get(text) ?? 0) + 1);
  }
  const parts = [...numbers].map(([text, number]) => `${number} ${text}`).join(", ");
  const line =
    `${plural(resources.length, "resource")} on ${plural(machines.length, "machine")}: ` +
    `${parts}; ${plural(sessions, "SSH session")}`;
  const hasDrift =
    exitCode !== EXIT.pass &&
    resources.some(
      ({ differences, fix, name }) => differences.length > 0 && fix === null && name !== VM_NAME,
    );
  return [
    style.bold(line),
    ...(hasDrift
      ? [`To repair what has drifted: ${renderCommand({ stack }, "drift", "--fix")}`]
      : []),
  ];
}
