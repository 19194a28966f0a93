import { createHash } from "node:crypto";
import type { Machine } from "../components/node/machine";
import { digestStep, type Work } from "../components/remote/step";
import type { Site } from "./site";

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

/** What goes onto one machine: preflight looks at it again when this changes. */
export function digestMachine(machine: Machine, steps: readonly Work[], site: Site): string {
  const { bootstrap, power } = site.config;
  return digest([digestStep(...steps), machine, bootstrap, power]);
}

/** Everything: the checks at the end of the graph run again when this changes. */
export function digestStack(site: Site): string {
  return digest(site.config);
}
