import { renderResults } from "../../kit/controller/results";
import type { SpinStep } from "../../kit/controller/rows";

export interface Intent {
  readonly machine: string;
  readonly drained: boolean;
  /** By what it is restarted. */
  readonly by: "Proxmox" | "systemd";
  readonly why: readonly string[];
}

export function renderIntents(intents: readonly Intent[]): string {
  return intents
    .map(({ machine, drained, by, why }) => {
      if (why.length > 0) return `${machine}: no: ${why.join("; ")}\n`;
      const first = drained
        ? "drained, and "
        : "not drained, since no other machine takes its pods; ";
      return `${machine}: would be ${first}restarted by ${by}\n`;
    })
    .join("");
}

export function renderRestarted(steps: readonly SpinStep[]): string {
  return renderResults(steps, () => "restarted");
}
