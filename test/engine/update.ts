import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";

export interface Update {
  /** The engine's own verdict. */
  readonly ok: boolean;
  /** Names of the resources, by what was done or is to be done with them; sorted. */
  names(...operations: readonly OpType[]): string[];
  /** What failed, by the resource's name. */
  readonly failed: readonly string[];
  readonly output: string;
  /** The engine's events, as its event log has them. */
  readonly events: readonly EngineEvent[];
  /** From the start of the engine to its last word; what the Automation API asks afterwards is none of it. */
  readonly milliseconds: number;
  /** How long each resource took that is no component, in milliseconds, by URN. */
  readonly durations: ReadonlyMap<string, number>;
}

/** Where a run of the engine reports to. */
export interface Watching {
  readonly onEvent: (event: EngineEvent) => void;
  readonly onOutput: (text: string) => void;
  readonly onError: (text: string) => void;
}

/** Runs the engine, and tells what it did by its own events. */
export async function watchUpdate(run: (watching: Watching) => Promise<unknown>): Promise<Update> {
  let output = "";
  const done: { name: string; op: OpType }[] = [];
  const failed: string[] = [];
  const begun = new Map<string, number>();
  const durations = new Map<string, number>();
  const events: EngineEvent[] = [];
  const start = performance.now();
  const onOutput = (text: string): void => void (output += text);
  let end: number | undefined;
  const onEvent = (event: EngineEvent): void => {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, summaryEvent } = event;
    events.push(event);
    if (summaryEvent !== undefined) end = performance.now();
    const before = resourcePreEvent?.metadata;
    if (before !== undefined) {
      done.push({ name: nameOf(before.urn), op: before.op });
      begun.set(before.urn, performance.now());
    }
    const after = resOutputsEvent?.metadata;
    if (after?.new?.custom === true)
      durations.set(after.urn, performance.now() - (begun.get(after.urn) ?? Number.NaN));
    if (resOpFailedEvent !== undefined) failed.push(nameOf(resOpFailedEvent.metadata.urn));
  };
  const ok = await run({ onEvent, onOutput, onError: onOutput }).then(
    () => true,
    (error: unknown) => {
      output += String(error);
      return false;
    },
  );
  return {
    ...{ ok, failed: failed.sort(), output, events, durations },
    milliseconds: (end ?? performance.now()) - start,
    names: (...operations) =>
      done
        .filter(({ op }) => operations.includes(op))
        .map(({ name }) => name)
        .sort(),
  };
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
