import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ALERTMANAGER_POD, NAMESPACE } from "../../../components/monitoring/names";
import { integrationOf, type ReceiverConfig } from "../../../components/monitoring/receivers";
import { quote } from "../../kit/controller/power-controller";
import { writeProgress } from "../../kit/controller/results";
import { Redactor } from "../../kit/redact/redact";
import { ask, renderAway } from "../../kit/ssh/ask";
import { Operator } from "../../kit/ssh/operator";
import { printable } from "../../kit/terminal/printable";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import { writeJson } from "../../kit/verb/document";
import type { Input } from "./command";
import { renderDelivered, renderDryRun, renderNobody, renderWaiting } from "./render";

const SCRIPT = readFileSync(join(__dirname, "files/alert_test.py"), "utf8");

const answerSchema = z.object({ alert: z.string(), delivered: z.boolean(), why: z.string() });
type Answer = z.infer<typeof answerSchema>;

/** `vmstation alert test`: one alert through Alertmanager to the receiver, and whether it was taken there. */
export async function run({ options }: Input): Promise<ExitCode> {
  const operator = Operator.open(options);
  try {
    const { stack, site } = operator;
    const receiver = site.config.monitoring?.alertmanager.receiver;
    if (receiver === undefined || receiver.type === "none")
      throw new UserError(renderNobody(stack));
    const { severity, dryRun } = options;
    const document = { version: 1, stack, receiver: receiver.type, severity, dryRun };
    if (dryRun) {
      if (options.json) writeJson(document);
      else process.stdout.write(renderDryRun(receiver, severity));
      return EXIT.pass;
    }
    if (!options.json) writeProgress(renderWaiting(receiver));
    const answer = await send(operator, receiver, [severity, String(options.wait)]);
    if (options.json) writeJson({ ...document, ...answer });
    else process.stdout.write(renderDelivered(receiver, answer, stack));
    return answer.delivered ? EXIT.pass : EXIT.fail;
  } finally {
    operator.close();
  }
}

/** What `sudo -n sh -eus` reads. If the connection is cut, a half of the script calls nothing. */
export function renderProgram(words: readonly string[]): string {
  const base64 = Buffer.from(SCRIPT)
    .toString("base64")
    .replace(/.{76}(?=.)/g, "$&\n");
  const path = "/usr/local/sbin:/usr/local/bin:/var/lib/rancher/rke2/bin";
  const call = `LC_ALL=C PATH=$PATH:${path} python3 -c "$program" ${words.map(quote).join(" ")}`;
  return [
    "run() {",
    `program=$(base64 -d <<'END'\n${base64}\nEND\n)`,
    `${call} </dev/null`,
    "}",
    "run\n",
  ].join("\n");
}

async function send(
  operator: Operator,
  receiver: ReceiverConfig,
  words: readonly string[],
): Promise<Answer> {
  const { controller } = operator;
  const redactor = new Redactor();
  const clean = (text: string): string => printable(redactor.redact(text.trim()));
  const asked = await ask(operator, controller, {
    command: "sudo -n sh -eus",
    input: renderProgram([NAMESPACE, ALERTMANAGER_POD, integrationOf(receiver), ...words]),
  });
  if (asked.status !== "answered")
    throw new UserError(`${controller.name}: ${clean(renderAway(asked) ?? "")}`);
  const { code, stdout, stderr } = asked.answer;
  const { data } = answerSchema.safeParse(parseJson(stdout));
  if (code === 0 && data !== undefined) return { ...data, why: clean(data.why) };
  throw new UserError(
    `Alertmanager cannot be asked on ${controller.name}: ${clean(stderr) || `code ${code}`}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
