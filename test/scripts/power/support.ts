import assert from "node:assert/strict";
import { homelabSite } from "../../support/site";
import type { Operator } from "../../../scripts/kit/ssh/operator";
import type { Result } from "../../../scripts/kit/controller/rows";

/** Friday, 2026-01-02, 12:00 UTC. */
export const NOON = 1_767_355_200;

export const IDLE: Result = {
  machine: "box",
  state: "idle",
  since: NOON - 9000,
  reasons: ["idle for 1:30 of 2:00"],
  checkedAt: NOON - 300,
  nextCheckAt: NOON + 600,
  proved: true,
  lastWakeAt: NOON - 86_400,
  lastWakeSeconds: 41.6,
  asleepSeconds7d: 7500,
  asleepSeconds: 90_000,
  wakes: 3,
  failedWakes: 0,
  holds: [],
  spunDown: false,
  savedWattHours: 1234.5,
  done: true,
  why: [],
};

interface Asked {
  readonly command: string;
  readonly input: string;
}

/** What ssh gives back. */
export interface SshAnswered {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** An operator whose controller gives these answers in turn, and what it was asked. */
export function fakeOperator(...answers: readonly SshAnswered[]) {
  const asked: Asked[] = [];
  const controller = homelabSite().machines.find(({ sleeps }) => !sleeps);
  assert.ok(controller);
  const operator: Pick<Operator, "run" | "controller" | "stack"> = {
    stack: "lab",
    controller: { ...controller, name: "control" },
    run: (_machine, { command, input, onError }) => {
      const { code = 0, stdout = "", stderr = "" } = answers[asked.length] ?? { code: 255 };
      asked.push({ command, input });
      if (stderr !== "") onError?.(Buffer.from(stderr));
      return Promise.resolve({ code, stdout, stderr });
    },
  };
  return { operator, asked };
}
