import { completeCommands } from "../advice";
import { renderDocument } from "./document";
import type { Plan } from "../../engine/plan";
import { renderText } from "./render-text";
import { Style } from "../terminal/style";

export { renderDocument };

/** The plan as the text of one JSON document. */
export function renderJson(plan: Plan): string {
  return `${JSON.stringify(renderDocument(plan), null, 2)}\n`;
}

/** The plan for the people behind a stream. */
export function renderForPeople(plan: Plan, stream: NodeJS.WriteStream, cwd?: string): string {
  const text = renderText(plan, Style.of(stream, process.env));
  return completeCommands(text, { stack: plan.stack, cwd });
}
