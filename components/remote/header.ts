import type { Step } from "./step";

/** The first line of a step: it names the step for code that has only the resource's stdin. */
export interface StepHeader extends Pick<Step, "confirms"> {
  readonly step: string;
  readonly machine: string;
  /** Whether its verb check compares anything; default: true. */
  readonly checks?: boolean | undefined;
}

const HEADER = /^# ([\w.-]+) on ([\w.-]+)(: no check)?(?:[:,] confirms ([\w.-]+(?: [\w.-]+)*))?$/;

/** `# system on alpha`, or `# ready on alpha: no check, confirms access`. */
export function renderHeader({ step, machine, checks, confirms = [] }: StepHeader): string {
  const notes = [
    ...(checks === false ? ["no check"] : []),
    ...(confirms.length > 0 ? [`confirms ${confirms.join(" ")}`] : []),
  ];
  return `# ${step} on ${machine}${notes.length > 0 ? `: ${notes.join(", ")}` : ""}`;
}

/** The header of what a remote command reads; undefined where no step wrote it. */
export function parseHeader(stdin: string): Required<StepHeader> | undefined {
  const end = stdin.indexOf("\n");
  const match = HEADER.exec(end < 0 ? stdin : stdin.slice(0, end));
  if (match === null) return undefined;
  const [, step = "", machine = "", noCheck, confirms] = match;
  return { step, machine, checks: noCheck === undefined, confirms: confirms?.split(" ") ?? [] };
}
