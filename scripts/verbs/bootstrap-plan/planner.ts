import type { SshAnswer } from "../../kit/ssh/operator";
import { Redactor } from "../../kit/redact/redact";
import { UserError } from "../../kit/user-error";

/** What the control plane would run, or why it would refuse. */
export interface PlannerAnswer {
  readonly steps: readonly string[];
  readonly refused: { readonly why: string; readonly advice: string } | null;
}

/** Reads the answer: run.py's exit codes are 0 (nothing is due), 3 (these steps are) and 2 (refused). */
export function parseAnswer(machine: string, { code, stdout, stderr }: SshAnswer): PlannerAnswer {
  const lines = new Redactor()
    .redact(stdout)
    .split("\n")
    .filter((line) => line !== "");
  if (code === 0 || code === 3) return { steps: lines, refused: null };
  const [, why, advice] = /^([^]*)\nto do: ([^]*)$/.exec(stderr.trim()) ?? [];
  if (code === 2 && why !== undefined && advice !== undefined) {
    return { steps: [], refused: { why, advice } };
  }
  throw new UserError(
    `${machine} could not compare the cluster with the configuration (code ${code}):\n${stderr.trim()}`,
  );
}
