import { z } from "zod";
import { renderDocument } from "./plan/document";
import { plan } from "./plan/plan";
import { EXIT, type ExitCode } from "./user-error";

const options = z.object({
  cwd: z.string(),
  stack: z.string(),
  configFile: z.string().optional(),
  set: z.array(z.string()),
  json: z.boolean().default(false),
  graph: z.string().optional(),
});

export async function run(input: unknown): Promise<ExitCode> {
  const { cwd, stack, configFile, set, json } = options.parse(input);
  const result = await plan({
    folder: cwd,
    stack,
    configFile,
    settings: set,
    onOutput: (text) => process.stderr.write(text),
  });
  if (json) process.stdout.write(`${JSON.stringify(renderDocument(result), null, 2)}\n`);
  return EXIT.pass;
}
