import type { ApplyResult } from "../../rig/engine/apply";
import { seconds, type Row } from "../table";
import { KINDS, type Kind, type Sample } from "./comparison";

/**
 * No slower than Ansible; a look that takes a tenth of Ansible's second run, and twice that where the configuration
 * or the program has changed since the last one.
 */
const GOALS = { apply: 1, drift: 0.1, driftFirst: 0.2 };

const TITLES: Record<Kind, string> = {
  "ansible-first": "Ansible, first run",
  "ansible-again": "Ansible, nothing to do",
  apply: "first apply",
  "drift-first": "drift check that makes the plan",
  drift: "drift check",
};

/** The apply is the test engine's (test/rig/engine), which runs the program and its steps as Pulumi's does. */
export function rowsOf(samples: readonly Sample[]): Row[] {
  const time = (kind: Kind): number => timeOf(samples, kind);
  const compare = (what: string, own: Kind, other: Kind, goal: number): Row => ({
    what,
    measured: `${seconds(time(own))} against ${seconds(time(other))}`,
    value: time(own) / time(other),
    goal,
    unit: "x",
  });
  return [
    compare("first apply against Ansible's", "apply", "ansible-first", GOALS.apply),
    compare("drift check against Ansible's no-op", "drift", "ansible-again", GOALS.drift),
    compare("the same, plan made again", "drift-first", "ansible-again", GOALS.driftFirst),
  ];
}

/** The least disturbed run: all kinds that are compared were tried as often. */
export function timeOf(samples: readonly Sample[], kind: Kind): number {
  return Math.min(...samples.filter((sample) => sample.kind === kind).map((s) => s.milliseconds));
}

/** `SSH log-ins of each machine: first apply 10, drift check 1, …` */
export function renderLogins(samples: readonly Sample[]): string {
  const counts = KINDS.map((kind) => {
    const own = samples.filter((sample) => sample.kind === kind);
    const numbers = own.flatMap(({ logins }) => Object.values(logins));
    const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
    return `${TITLES[kind]} ${least === most ? most : `${least} to ${most}`}`;
  });
  return `SSH log-ins to each machine: ${counts.join("; ")}\n`;
}

/** `CPU seconds, all machines and the command: Ansible, first run 80.1; …`; the least of each. */
export function renderCpu(samples: readonly Sample[]): string {
  const figures = KINDS.flatMap((kind) => {
    const own = samples.filter((sample) => sample.kind === kind).map(({ cpu }) => cpu);
    return own.length === 0 ? [] : [`${TITLES[kind]} ${Math.min(...own).toFixed(1)}`];
  });
  return `CPU seconds, all machines and the command: ${figures.join("; ")}\n`;
}

/** The steps of a first apply by the time that the slowest machine took, longest first. */
export function renderSteps(steps: ApplyResult["steps"]): string {
  const slowest = new Map<string, number>();
  for (const { name, milliseconds } of steps) {
    const step = name.startsWith("node-") ? name.replace(/.*-/, "") : name.replace(/-.*/, "");
    slowest.set(step, Math.max(slowest.get(step) ?? 0, milliseconds));
  }
  const listed = [...slowest]
    .filter(([, milliseconds]) => milliseconds >= 10)
    .sort(([, a], [, b]) => b - a)
    .map(([step, milliseconds]) => `${step} ${seconds(milliseconds)}`);
  return `Steps of the first apply, slowest machine: ${listed.join(", ")}\n`;
}
