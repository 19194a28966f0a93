import { CHECK_SECONDS } from "./driver";
import type { Frame } from "./frame-reader";
import type { Difference, ResourceReport } from "./report";
import type { Target, TargetScript } from "./targets";

const DRIFTED = 3;
/** What `timeout` ends with: it has ended the command, or had to kill it. */
const TIMED_OUT = [124, 137];

const WITHHELD = "not shown, as the step holds a secret";

/** The differences that a check printed: a line "drift KIND NAME REASON", its details indented by a tab. */
export function parseDifferences(stdout: string): Difference[] {
  const found: { kind: string; name: string; reason: string; details: string[] }[] = [];
  for (const line of stdout.split("\n")) {
    const [mark, kind = "", name = "", ...reason] = line.split("\t");
    const last = found.at(-1);
    if (mark === "drift") found.push({ kind, name, reason: reason.join("\t"), details: [] });
    else if (line.startsWith("\t") && last !== undefined) last.details.push(line.slice(1));
  }
  return found.map(({ details, ...rest }) => ({
    ...rest,
    details: details.length > 0 ? details.join("\n") : null,
  }));
}

/** What a step's check says of its resource. */
export function judge(target: Target, script: TargetScript, frame: Frame): ResourceReport {
  const differences = parseDifferences(frame.stdout).map((difference) =>
    script.secret && difference.details !== null ? { ...difference, details: null } : difference,
  );
  const { urn, name } = target;
  const found = { urn, name, differences, fix: null };
  if (frame.code === 0 && differences.length === 0) {
    return { ...found, status: "as-described", reason: null };
  }
  // A program that the step runs may end with 3 as well. Then the check printed no difference.
  if ((frame.code === DRIFTED || frame.code === 0) && differences.length > 0) {
    return { ...found, status: "drifted", reason: null };
  }
  return { ...found, status: "could-not-look", reason: explain(script, frame) };
}

function explain({ secret }: TargetScript, { code, stderr }: Frame): string {
  const said = errorText(stderr, secret);
  const what = TIMED_OUT.includes(code)
    ? `its check took longer than ${CHECK_SECONDS} s`
    : `its check stopped with code ${code}`;
  return said === "" ? what : `${what}:\n${said}`;
}

/** The end of what a step said; of one that holds secrets only its own messages. */
export function errorText(stderr: string, secret: boolean): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  if (!secret) return lines.slice(-12).join("\n");
  const own = lines.filter((line) => /^(vmstation: |  to do: )/.test(line));
  return own.length > 0 ? own.slice(-12).join("\n") : lines.length > 0 ? WITHHELD : "";
}
