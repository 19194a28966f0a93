import { printableMap } from "../../../engine/inspect";
import { unmarshalMap } from "../../../engine/values";
import { explain, isConsequence, rewriteWarning, type Explanation } from "./explain";
import { type EngineEvent, type EngineStep, isOwnWork, nameOf } from "./events";

/** A resource that the engine is working on. */
export interface Running {
  readonly name: string;
  readonly op: string;
  /** Milliseconds, on the clock that `apply` is told. */
  readonly since: number;
  /** What it said last. */
  readonly says: string;
}

export interface Done extends Running {
  readonly seconds: number;
}

export interface Failed extends Explanation {
  readonly name: string;
}

/** What is told at once when an event comes. */
export type News =
  | { readonly kind: "done" | "failed"; readonly resource: Done }
  | { readonly kind: "info" | "warning"; readonly text: string };

/** What is known of a run from the engine's events. */
export class RunModel {
  readonly running = new Map<string, Running>();
  readonly failures = new Map<string, Failed>();
  /** What the engine has done, or failed to do. */
  readonly ended = new Set<string>();
  /** How many resources were changed, by operation. */
  readonly changes = new Map<string, number>();
  /** The program's outputs, a secret as its text; undefined where the engine has not told them, as after a failure. */
  outputs: Record<string, unknown> | undefined;
  /** Whether the engine has begun and come to its end. */
  finished = false;
  private readonly said = new Set<string>();

  apply(event: EngineEvent, now: number): News[] {
    if (event.summaryEvent !== undefined) this.finished = true;
    if (event.diagnosticEvent !== undefined) return this.hear(event.diagnosticEvent);
    const started = event.resourcePreEvent?.metadata;
    if (started !== undefined) this.begin(started, now);
    const ended = event.resOutputsEvent?.metadata;
    if (ended !== undefined) return this.end(ended, now);
    const failed = event.resOpFailedEvent?.metadata;
    return failed === undefined ? [] : this.fail(failed, now);
  }

  private begin(step: EngineStep, now: number): void {
    if (!isOwnWork(step)) return;
    this.running.set(step.urn, { name: nameOf(step.urn), op: step.op, since: now, says: "" });
  }

  private end(step: EngineStep, now: number): News[] {
    const outputs = step.new?.outputs;
    if (outputs !== undefined && step.urn.includes("::pulumi:pulumi:Stack::"))
      this.outputs = printableMap(unmarshalMap(outputs));
    const resource = this.running.get(step.urn);
    if (resource === undefined || !isOwnWork(step)) return [];
    this.ended.add(step.urn);
    this.running.delete(step.urn);
    this.changes.set(step.op, (this.changes.get(step.op) ?? 0) + 1);
    return [{ kind: "done", resource: measure(resource, now) }];
  }

  private fail(step: EngineStep, now: number): News[] {
    const resource = this.running.get(step.urn);
    this.running.delete(step.urn);
    this.ended.add(step.urn);
    if (resource === undefined) return [];
    if (!this.failures.has(step.urn))
      this.failures.set(step.urn, {
        name: resource.name,
        cause: resource.says || "no reason given",
      });
    return [{ kind: "failed", resource: measure(resource, now) }];
  }

  private hear(said: NonNullable<EngineEvent["diagnosticEvent"]>): News[] {
    const { urn = "", message, severity } = said;
    if (severity === "error") {
      if (!isConsequence(message) && !this.failures.has(urn))
        this.failures.set(urn, { name: urn === "" ? "" : nameOf(urn), ...explain(message) });
      return [];
    }
    const resource = this.running.get(urn);
    if (resource !== undefined) {
      const last = message.trim().split("\n").at(-1) ?? "";
      if (last !== "") this.running.set(urn, { ...resource, says: last });
      return [];
    }
    const text = rewriteWarning(message);
    if (text === undefined || text === "" || this.said.has(text)) return [];
    this.said.add(text);
    return [{ kind: severity === "warning" ? "warning" : "info", text }];
  }
}

function measure(resource: Running, now: number): Done {
  return { ...resource, seconds: (now - resource.since) / 1000 };
}
