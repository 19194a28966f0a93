import { plan } from "../../engine/plan";
import { writeGraph } from "../../kit/graph/write-graph";
import { EXIT, type ExitCode } from "../../kit/user-error";
import type { Input } from "./command";
import { renderDrawn } from "../../kit/graph/render-drawn";
import { writeJson } from "../../kit/verb/document";

/** `vmstation graph [file]`: draws the plan, as `plan --graph` does. */
export async function run({ args, options }: Input): Promise<ExitCode> {
  const { cwd, stack, configFile, set: settings } = options;
  const [file = `${stack}.svg`] = args;
  const made = await plan({
    ...{ folder: cwd, stack, configFile, settings },
    onOutput: (text) => process.stderr.write(text),
  });
  await writeGraph(made, file);
  const resources = made.resources.length;
  if (options.json) writeJson({ version: 1, stack, file, resources });
  else process.stdout.write(renderDrawn(file, stack, resources));
  return EXIT.pass;
}
