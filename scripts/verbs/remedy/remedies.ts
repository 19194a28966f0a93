import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readScript } from "../../../components/remote/step";
import { printable } from "../../kit/terminal/printable";
import { quote } from "../../kit/controller/power-controller";
import { Redactor } from "../../kit/redact/redact";
import { ask, renderAway } from "../../kit/ssh/ask";
import type { Operator } from "../../kit/ssh/operator";
import { UserError } from "../../kit/user-error";

type SiteMachine = ReturnType<Operator["machine"]>;

const planSchema = z.object({
  actions: z.array(z.object({ id: z.string(), does: z.string(), why: z.string() })),
  /** What looks like the problem and is left alone. */
  refusals: z.array(z.object({ what: z.string(), why: z.string() })),
});

const resultsSchema = z.object({
  results: z.array(z.object({ id: z.string(), done: z.boolean(), why: z.string() })),
});

export type RemedyPlan = z.infer<typeof planSchema>;
export type Action = RemedyPlan["actions"][number];
export type Result = z.infer<typeof resultsSchema>["results"][number];

const FILES = join(__dirname, "files");
/** Which machines are asleep on purpose, as the checks know it. */
const CHECKS = join(__dirname, "../../../components/validation/files/checks");
const SHARED = ["kube.py", "marks.py"].map((name) => join(CHECKS, name));

/** What `sudo -n sh -eus` reads: the remedies' files for this run only, and their call with each word quoted. */
export function renderProgram(words: readonly string[]): string {
  const files = readdirSync(FILES).filter((name) => name.endsWith(".py"));
  const paths = [...files.map((name) => join(FILES, name)), ...SHARED];
  const unpack = paths.map((path) => {
    const base64 = readFileSync(path)
      .toString("base64")
      .replace(/.{76}(?=.)/g, "$&\n");
    return `base64 -d >"$work/${path.split("/").at(-1) ?? ""}" <<'END'\n${base64}\nEND`;
  });
  return [
    "run() {",
    "umask 077",
    "work=$(mktemp -d /run/vmstation-remedy.XXXXXX)",
    `trap 'rm -rf "$work"' EXIT`,
    "trap 'exit 1' HUP INT TERM",
    ...unpack,
    "LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/local/bin:/var/lib/rancher/rke2/bin",
    "export LC_ALL PATH",
    `python3 -B "$work" ${words.map(quote).join(" ")} </dev/null`,
    "}",
    // If the connection is cut, a half of the script calls nothing.
    "run\n",
  ].join("\n");
}

/** The remedies on the control plane, and what one of them does on a machine itself. */
export class Remedies {
  private readonly redactor = new Redactor();

  constructor(private readonly operator: Pick<Operator, "run" | "controller" | "machine">) {}

  /** What the remedy would do now; changes nothing. */
  async plan(problem: string, target: string): Promise<RemedyPlan> {
    const { actions, refusals } = await this.call(["plan", problem, target], planSchema);
    return {
      actions: actions.map((each) => ({ ...each, why: this.clean(each.why) })),
      refusals: refusals.map((each) => ({ ...each, why: this.clean(each.why) })),
    };
  }

  /** Does one action, if it is still called for. */
  async act(problem: string, target: string, { id }: Action): Promise<Result> {
    if (problem === "not-ready-node") {
      const why = await this.restartKubelet(this.operator.machine(id.replace("node/", "")));
      if (why !== undefined) return { id, done: false, why };
    }
    const { results } = await this.call(["act", problem, target, id], resultsSchema);
    const [result] = results;
    if (result === undefined) throw new UserError("The remedy gave no result.");
    return { ...result, why: this.clean(result.why) };
  }

  /** Undefined where it went well. */
  private async restartKubelet(machine: SiteMachine): Promise<string | undefined> {
    const asked = await ask(this.operator, machine, {
      command: "sudo -n sh -eus",
      input: readScript(__dirname, "files/restart-kubelet.sh"),
    });
    if (asked.status !== "answered") return renderAway(asked);
    const { code, stderr } = asked.answer;
    return code === 0 ? undefined : this.clean(stderr);
  }

  private async call<T>(words: readonly string[], schema: z.ZodType<T>): Promise<T> {
    const { controller } = this.operator;
    const asked = await ask(this.operator, controller, {
      command: "sudo -n sh -eus",
      input: renderProgram(words),
    });
    if (asked.status !== "answered") {
      throw new UserError(`${controller.name}: ${this.clean(renderAway(asked) ?? "")}`);
    }
    const { stdout, stderr, code } = asked.answer;
    const { data } = schema.safeParse(parseJson(stdout));
    if (code === 0 && data !== undefined) return data;
    throw new UserError(
      `${controller.name}: ${this.clean(stderr) || `the remedy ended with code ${code}`}`,
    );
  }

  private clean(text: string): string {
    return printable(this.redactor.redact(text.trim()));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
