/**
 * One `up` in a process of its own, so that it can be killed: its standard input is the runner's arguments as JSON,
 * its standard output ends in one line of JSON, what came of it.
 */
import { text } from "node:stream/consumers";
import { z } from "zod";
import { apply } from "../engine/apply";

const argsSchema = z.strictObject({
  folder: z.string(),
  stack: z.string(),
  configFile: z.string(),
  stateFile: z.string(),
  without: z.array(z.string()),
});

async function main(): Promise<void> {
  const { without, ...args } = argsSchema.parse(JSON.parse(await text(process.stdin)));
  const result = await apply({
    ...args,
    target: (urn) => !without.some((name) => urn.endsWith(`::${name}`)),
    onOutput: (said) => {
      process.stderr.write(said);
    },
  });
  const { steps, errors, outputs } = result;
  process.stdout.write(`${JSON.stringify({ steps, errors, outputs })}\n`);
  process.exitCode = steps.some((step) => step.operation === "fail") || errors.length > 0 ? 1 : 0;
}

void main();
