import { renderResults } from "../../kit/controller/results";
import type { SpinStep } from "../../kit/controller/rows";

/** The machine that is switched off next. */
export function renderNext(name: string): string {
  return `${name}: power off\n`;
}

/** Each machine's part; `off`: whether all of them were switched off. A reason beside that is a warning. */
export function renderSpunDown(steps: readonly SpinStep[], off: boolean): string {
  return renderResults(steps, (name) => {
    const why = steps.find(({ machine }) => machine === name)?.why ?? [];
    return [off ? "off" : "could go down", ...why].join("; ");
  });
}
