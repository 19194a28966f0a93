import { statusWords } from "../../kit/look/status-words";
import { printable } from "../../kit/terminal/printable";
import type { Style } from "../../kit/terminal/style";
import { EXIT, type ExitCode } from "../../kit/user-error";
import type { MachinePreflight } from "./look";

const SAID: Readonly<Record<MachinePreflight["status"], string>> = {
  "as-described": "as described",
  "not-as-described": "not as described",
  asleep: "asleep; not checked (--wake wakes it first)",
  offline: "offline, as the configuration says",
  unreachable: "unreachable",
  "could-not-look": "could not be checked",
};

/** Every machine with every finding, and one line that sums up. */
export function renderMachines(machines: readonly MachinePreflight[], style: Style): string {
  const lines = machines.flatMap((machine) => renderMachine(machine, style));
  const numbers = new Map<string, number>();
  for (const { status } of machines) {
    const text = statusWords(status);
    numbers.set(text, (numbers.get(text) ?? 0) + 1);
  }
  const summary = [...numbers].map(([text, number]) => `${number} ${text}`).join(", ");
  return [...lines, style.bold(summary), ""].join("\n");
}

function renderMachine(machine: MachinePreflight, style: Style): string[] {
  const { status, error, findings, notes } = machine;
  const hang = (indent: number, text: string): string[] =>
    style.hang(" ".repeat(indent), printable(text), "  ");
  return [
    `${style.bold(`${machine.machine} (${machine.address})`)}: ${SAID[status]}`,
    ...(error === null
      ? []
      : printable(error)
          .split("\n")
          .map((line) => `  ${line}`)),
    ...notes.flatMap((note) => hang(2, note)),
    ...findings.flatMap(({ what, found, expected, advice }) => [
      ...hang(2, `${what}: found ${found}, expected ${expected}`),
      ...hang(4, `to do: ${advice}`),
    ]),
  ];
}

/** 1 where a machine is not as described, else 2 where one that should answer could not be looked at. */
export function toExitCode(machines: readonly MachinePreflight[]): ExitCode {
  const has = (...statuses: MachinePreflight["status"][]): boolean =>
    machines.some(({ status }) => statuses.includes(status));
  if (has("not-as-described")) return EXIT.fail;
  return has("unreachable", "could-not-look") ? EXIT.couldNotRun : EXIT.pass;
}
