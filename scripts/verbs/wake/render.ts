import { renderResults } from "../../kit/controller/results";
import type { Woken } from "../../kit/wake/waker";

/** A machine of a dry run. `answers`: whether its SSH does. */
export function renderLook({ machine, answers }: { machine: string; answers: boolean }): string {
  return `${machine}: ${answers ? "is up" : "would be woken"}\n`;
}

type Outcome = Pick<Woken, "machine" | "done" | "why" | "by" | "seconds">;

/** What became of each machine; without `wait` only that a packet was sent. */
export function renderWoken(woken: readonly Outcome[], wait: boolean): string {
  return renderResults(woken, (name) => {
    if (!wait) return "a magic packet was sent, unless it was awake already";
    const found = woken.find(({ machine }) => machine === name);
    const how = found?.by === "controller" ? "awake and in service" : "its SSH answers";
    return `${how} after ${Math.round(found?.seconds ?? 0)} s`;
  });
}
