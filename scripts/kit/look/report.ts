import { EXIT, type ExitCode } from "../user-error";

/** One thing on a machine that is not as described. */
export interface Difference {
  /** "file", "unit", "sysctl", … */
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  /** For a file a unified diff from described to machine; null where there is none or it must not be shown. */
  readonly details: string | null;
}

export type ResourceStatus =
  | "as-described"
  | "drifted"
  /** Drifted at first, and as described after its update was run again. */
  | "mended"
  /** The plan does not know what the machine should hold. */
  | "not-compared"
  | "could-not-look"
  | "unreachable"
  | "asleep"
  | "offline";

export type MachineStatus = "looked-at" | "could-not-look" | "unreachable" | "asleep" | "offline";

export interface FixReport {
  readonly outcome: "mended" | "still-drifted" | "failed" | "skipped" | "would-run";
  /** What went wrong, or why it was skipped. */
  readonly error: string | null;
}

export interface ResourceReport {
  readonly urn: string;
  readonly name: string;
  readonly status: ResourceStatus;
  /** Why it was not compared or could not be looked at. */
  readonly reason: string | null;
  /** What was found first, before any fix. */
  readonly differences: readonly Difference[];
  /** Only with --fix, and only where something had drifted. */
  readonly fix: FixReport | null;
}

/** A step that was run so that a fixed firewall or sshd does not undo itself. */
export interface Confirmation extends FixReport {
  readonly urn: string;
  readonly name: string;
}

export interface MachineReport {
  readonly machine: string;
  readonly address: string;
  readonly status: MachineStatus;
  /** Why it could not be looked at, and what to do. */
  readonly error: string | null;
  /** SSH sessions that were opened to it. */
  readonly sessions: number;
  /** How long the look took. */
  readonly seconds: number;
  readonly resources: readonly ResourceReport[];
  readonly confirmations: readonly Confirmation[];
}

/** What `vmstation drift --json` prints. A field may be added; none changes its meaning within a version. */
export interface DriftReport {
  readonly version: 1;
  readonly stack: string;
  readonly exitCode: ExitCode;
  readonly machines: readonly MachineReport[];
}

const BLIND: readonly (ResourceStatus | MachineStatus)[] = ["could-not-look", "unreachable"];

/**
 * 2 where something could not be checked (a machine that may sleep or is offline does not count), else 1 where something
 * has drifted and was not fixed, else 0.
 */
export function exitCodeOf(machines: readonly MachineReport[]): ExitCode {
  const statuses = machines.flatMap((machine) => [
    machine.status,
    ...machine.resources.map((resource) => resource.status),
  ]);
  if (statuses.some((status) => BLIND.includes(status))) return EXIT.couldNotRun;
  const confirmed = machines.every(({ confirmations }) =>
    confirmations.every(({ outcome }) => outcome !== "failed"),
  );
  return statuses.includes("drifted") || !confirmed ? EXIT.fail : EXIT.pass;
}

export function renderReport(stack: string, machines: readonly MachineReport[]): DriftReport {
  return { version: 1, stack, exitCode: exitCodeOf(machines), machines };
}
