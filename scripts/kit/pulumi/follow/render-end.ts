import { completeCommands, renderCommand } from "../../advice";
import { printable } from "../../terminal/printable";
import type { Style } from "../../terminal/style";
import { cut, renderDuration } from "../../terminal/duration";
import type { Failed, RunModel } from "./run-model";

const WORDS: readonly (readonly [op: string, word: string])[] = [
  ["create", "created"],
  ["update", "updated"],
  ["replace", "replaced"],
  ["delete", "removed"],
  ["refresh", "refreshed"],
];

/** An output that is longer is a document of its own. */
const LONGEST_OUTPUT = 200;

export interface End {
  readonly command: string;
  readonly stack: string;
  /** The CLI's exit code. */
  readonly code: number;
  readonly seconds: number;
  /** How many changes the preview counted. */
  readonly total?: number | undefined;
}

/** What a finished run is summed up with: failures with what to do, outputs, counts. */
export function renderEnd(model: RunModel, end: End, style: Style, width: number): string[] {
  const failures = [...model.failures.values()];
  return [
    ...(failures.length === 0
      ? []
      : ["", ...failures.flatMap((each) => renderFailure(each, end, style))]),
    ...renderOutputs(model, end, width),
    "",
    renderCounts(model, end),
    ...(end.code === 0 ? [] : renderNext(model, end, style)),
  ];
}

/** A machine's own advice knows neither of the wrapper nor of the stack. */
function renderFailure({ name, cause, advice }: Failed, { stack }: End, style: Style): string[] {
  const complete = (text: string): string => completeCommands(printable(text), { stack });
  const [first = "", ...more] = complete(cause).split("\n");
  return [
    ...style.hang("", `${style.bold("failed:")} ${name === "" ? "" : `${name}: `}${first}`, "  "),
    ...more.map((line) => `  ${line}`),
    ...(advice === undefined ? [] : style.hang("  ", `to do: ${complete(advice)}`, "  ")),
  ];
}

function renderCounts({ changes, failures }: RunModel, { code, seconds, command }: End): string {
  const counts = WORDS.flatMap(([op, word]) => {
    const count = changes.get(op) ?? 0;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  const failed = failures.size === 0 ? [] : [`${failures.size} failed`];
  const all = [...counts, ...failed].join(", ");
  const verdict = code === 0 ? `${command} is done` : `${command} did not finish`;
  return `${verdict} after ${renderDuration(seconds)}: ${all === "" ? "nothing to change" : all}`;
}

/** After a failure the engine tells of no outputs, though the state keeps the last ones. */
function renderNext(
  { changes, failures }: RunModel,
  { total, stack }: End,
  style: Style,
): string[] {
  const done = [...changes.values()].reduce((sum, count) => sum + count, 0);
  const left = total === undefined ? 0 : total - done - failures.size;
  const waiting =
    left > 0 ? `${left} ${left === 1 ? "change waits" : "changes wait"} for what failed. ` : "";
  const goOn = `${waiting}Fix this and run the same command again: it continues where it stopped.`;
  return [
    ...style.hang("", goOn),
    "The outputs of the last good update are kept:",
    // A command is never broken, so that it can be copied.
    `  ${renderCommand({ stack }, "pulumi", "stack", "output")}`,
  ];
}

function renderOutputs(
  { outputs, failures }: RunModel,
  { stack, command }: End,
  width: number,
): string[] {
  if (outputs === undefined || failures.size > 0 || command === "destroy") return [];
  const lines = Object.entries(outputs).flatMap(([name, value]) => renderOutput(name, value));
  if (lines.length === 0) return [];
  return [
    ...["", ...lines.map((line) => cut(line, width))],
    "To print one of them in full:",
    `  ${renderCommand({ stack }, "pulumi", "stack", "output", "NAME", "--show-secrets")}`,
  ];
}

function renderOutput(name: string, value: unknown): string[] {
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, each]) => renderOutput(`${name}.${key}`, each));
  const text = String(value);
  if (text === "[secret]") return [`${name}: (a secret)`];
  const isDocument = text.length > LONGEST_OUTPUT || text.includes("\n") || text.startsWith("{");
  return [`${name}: ${isDocument ? "(a document)" : printable(text)}`];
}
