import { machineName } from "../asked";
import type { Question } from "../questions";
import type { FoundVm } from "./found";

/** The answer that takes none. */
const NONE = "-";

/** The machines that an answer names, by name or number; undefined where it names one that is not there. */
export function chooseVms(answer: string, vms: readonly FoundVm[]): FoundVm[] | undefined {
  if (answer === NONE) return [];
  const words = answer.split(/[\s,]+/).filter((word) => word !== "");
  const chosen = words.map((word) =>
    vms.find(({ id, name }) => name === word || machineName(name) === word || String(id) === word),
  );
  const known = [...new Set(chosen.filter((vm) => vm !== undefined))];
  return chosen.includes(undefined) || known.length === 0 ? undefined : known;
}

/** Those that run are suggested. */
export function askWhich(vms: readonly FoundVm[]): Question {
  const running = vms.filter(({ isRunning }) => isRunning).map(({ name }) => name);
  return {
    key: "which",
    text: `Which of them, by name or number, with commas (${NONE}: none)`,
    suggestion: running.length === 0 ? NONE : running.join(","),
    refuse: (answer) =>
      chooseVms(answer, vms) === undefined
        ? `some of ${vms.map(({ name }) => name).join(", ")}, or ${NONE}`
        : undefined,
  };
}
