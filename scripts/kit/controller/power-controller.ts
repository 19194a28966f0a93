import { completeCommands, renderCommand } from "../advice";
import type { z } from "zod";
import { printable } from "../terminal/printable";
import type { Operator } from "../ssh/operator";
import { EXIT, type ExitCode, UserError } from "../user-error";

/** ssh's own failure, and the shell's for a command that is not there. */
const SSH_FAILED = 255;
const NOT_FOUND = 127;

/** The controller gives no answer: what it was asked for has to be done without it, or not at all. */
export class NoAnswer extends UserError {}

/** The controller cannot be asked: its machine does not answer, or it is not installed there (yet). */
export class ControllerAway extends NoAnswer {
  constructor(
    message: string,
    /** Whether its machine answers, so that it can at least pass a magic packet on. */
    readonly reachable: boolean,
  ) {
    super(message);
  }
}

export interface Answer<T> {
  readonly code: ExitCode;
  readonly value: T;
}

/** A shell's word that stands for exactly `text`. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The script that runs one of the controller's entries; `sudo -n sh -eus` reads it. */
export function renderEntry(verb: string, args: readonly string[]): string {
  return [
    `set -- ${[verb, ...args].map(quote).join(" ")}`,
    "entry=/usr/local/bin/vmstation-$1.sh",
    `[ -x "$entry" ] || exit ${NOT_FOUND}`,
    "shift",
    'exec "$entry" "$@" </dev/null\n',
  ].join("\n");
}

function toExitCode(code: number): ExitCode {
  return Object.values(EXIT).find((known) => known === code) ?? EXIT.couldNotRun;
}

/** The power controller on the always-on control plane: its entries, called over SSH. */
export class PowerController {
  constructor(
    private readonly operator: Pick<Operator, "run" | "controller" | "stack">,
    /** Gets what the controller says while it works, as it comes. */
    private readonly onProgress: (text: string) => void,
  ) {}

  /**
   * Runs vmstation-VERB.sh with `args` and --json. Throws ControllerAway where there is none to ask, and NoAnswer
   * with what it said where it gave no answer of that shape.
   */
  async call<T>(verb: string, args: readonly string[], schema: z.ZodType<T>): Promise<Answer<T>> {
    const { controller, stack } = this.operator;
    const { code, stdout, stderr } = await this.operator.run(controller, {
      command: "sudo -n sh -eus",
      input: renderEntry(verb, [...args, "--json"]),
      onError: (chunk) => {
        const said = printable(Buffer.from(chunk).toString("utf8"));
        this.onProgress(completeCommands(said, { stack }));
      },
    });
    if (code === SSH_FAILED) {
      const cause = printable(stderr.trim()) || "no connection";
      throw new ControllerAway(`${controller.name} does not answer: ${cause}`, false);
    }
    if (code === NOT_FOUND) {
      throw new ControllerAway(
        `The power controller is not installed on ${controller.name} yet. Run: ${renderCommand({ stack }, "up")}`,
        true,
      );
    }
    const parsed = schema.safeParse(parseJson(stdout));
    if (parsed.success) return { code: toExitCode(code), value: parsed.data };
    const last = printable(stderr.trim()).split("\n").at(-1);
    throw new NoAnswer(
      `The power controller on ${controller.name} gave no readable answer (code ${code}): ${last ?? ""}`.trim(),
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
