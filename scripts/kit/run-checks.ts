import { renderCommand } from "./advice";
import { printable } from "./terminal/printable";
import { quote } from "./controller/power-controller";
import { Redactor } from "./redact/redact";
import { ask, renderAway } from "./ssh/ask";
import type { Operator } from "./ssh/operator";
import { UserError } from "./user-error";
import { reportSchema, type ValidationReport } from "./validation-report";

const ENTRY = "/usr/local/sbin/vmstation-validate";
/** The shell's code for a command that is not there. */
const NOT_FOUND = 127;

export interface ChecksArgs {
  readonly operator: Pick<Operator, "run" | "controller" | "stack">;
  readonly groups: readonly string[];
  /** Seconds that everything may take to become right. */
  readonly wait: number;
  /** Told how many of how many things have been looked at. */
  readonly onProgress: (done: number, all: number) => void;
}

/** What `sudo -n sh -eus` reads: the installed checks, with these groups. */
export function renderChecks(groups: readonly string[], wait: number): string {
  const words = [...groups, "--json", "--progress", "--wait", String(wait)];
  return [
    `[ -x ${ENTRY} ] || exit ${NOT_FOUND}`,
    `exec ${ENTRY} ${words.map(quote).join(" ")} </dev/null\n`,
  ].join("\n");
}

/** Runs the installed checks on the controller; throws UserError where they gave no report. */
export async function runChecks(args: ChecksArgs): Promise<ValidationReport> {
  const { operator, groups, wait, onProgress } = args;
  const { controller, stack } = operator;
  const progress = new ProgressLines(onProgress);
  const asked = await ask(operator, controller, {
    command: "sudo -n sh -eus",
    input: renderChecks(groups, wait),
    onError: (chunk) => {
      progress.push(chunk);
    },
  });
  if (asked.status !== "answered") {
    throw new UserError(`${controller.name}: ${printable(renderAway(asked) ?? "")}`);
  }
  const { code, stdout, stderr } = asked.answer;
  if (code === NOT_FOUND) {
    throw new UserError(
      `The checks are not installed on ${controller.name} yet. Run: ${renderCommand({ stack }, "up")}`,
    );
  }
  const { data } = reportSchema.safeParse(parseJson(stdout));
  if (data !== undefined) return withoutSecrets(data);
  const said = printable(stderr.replace(PROGRESS, "").trim()).split("\n").at(-1) ?? "";
  throw new UserError(
    `The checks on ${controller.name} gave no report (code ${code}): ${said}`.trim(),
  );
}

/** A fault may quote what a pod or a server said. */
function withoutSecrets(report: ValidationReport): ValidationReport {
  const redactor = new Redactor();
  const checks = report.checks.map((check) => ({ ...check, found: redactor.redact(check.found) }));
  return { ...report, checks };
}

const PROGRESS = /^looked at (\d+) of (\d+)\n/gm;

/** Reads the checks' lines "looked at 3 of 14" out of what they say, as it comes. */
class ProgressLines {
  private rest = "";

  constructor(private readonly onProgress: ChecksArgs["onProgress"]) {}

  push(chunk: Uint8Array): void {
    this.rest += Buffer.from(chunk).toString("latin1");
    const end = this.rest.lastIndexOf("\n") + 1;
    for (const [, done, all] of this.rest.slice(0, end).matchAll(PROGRESS)) {
      this.onProgress(Number(done), Number(all));
    }
    this.rest = this.rest.slice(end);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
