import { type EngineEvent, isOwnWork, nameOf } from "./events";
import type { RunModel } from "./run-model";

/** One change that a preview names. */
export interface PlannedChange {
  readonly name: string;
  readonly op: string;
  readonly urn: string;
}

/** The changes in a preview's events. */
export function listSteps(events: readonly EngineEvent[]): PlannedChange[] {
  return events
    .flatMap((event) => event.resourcePreEvent?.metadata ?? [])
    .filter(isOwnWork)
    .map(({ op, urn }) => ({ name: nameOf(urn), op, urn }));
}

/** The names of what has not begun yet. */
export function listNext(
  planned: readonly PlannedChange[],
  { running, ended }: Pick<RunModel, "running" | "ended">,
): string[] {
  return planned.filter(({ urn }) => !running.has(urn) && !ended.has(urn)).map(({ name }) => name);
}

interface Ended {
  readonly command: string;
  readonly stack: string;
  readonly code: number;
  readonly seconds: number;
}

/** What `vmstation preview --json` prints. */
export function renderPreview(
  events: readonly EngineEvent[],
  model: RunModel,
  { command, stack, code, seconds }: Ended,
): object {
  const steps = listSteps(events);
  const changes: Record<string, number> = {};
  for (const { op } of steps) changes[op] = (changes[op] ?? 0) + 1;
  const failures = [...model.failures.values()];
  return { version: 1, verb: command, stack, exitCode: code, seconds, changes, steps, failures };
}

/** What `vmstation up --json` prints, and `refresh` and `destroy` alike; secret outputs are "[secret]". */
export function renderUpdate(model: RunModel, { command, stack, code, seconds }: Ended): object {
  return {
    ...{ version: 1, verb: command, stack, exitCode: code, seconds },
    changes: Object.fromEntries(model.changes),
    failures: [...model.failures.values()],
    outputs: model.outputs ?? null,
  };
}
