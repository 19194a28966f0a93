import { renderResults } from "../../kit/controller/results";
import type { SpinStep } from "../../kit/controller/rows";

/** No magic packet starts a machine whose MAC address is not configured. */
export function renderPressButton(name: string): string {
  return `${name}: press its power button\n`;
}

/** Each machine: up, or why not. */
export function renderSpunUp(steps: readonly SpinStep[]): string {
  return renderResults(steps, () => "up");
}
