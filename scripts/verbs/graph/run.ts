import { Options } from "../../kit/options";
import { checkGraphFile } from "../../kit/graph/graph-file";
import { plan } from "../../engine/plan";
import { writeGraph } from "../../kit/graph/write-graph";
import { EXIT, type ExitCode } from "../../kit/user-error";

/** `vmstation graph [file]`: draws the plan, as `plan --graph` does; STACK.svg unless told. */
export async function run(input: unknown): Promise<ExitCode> {
  const options = new Options(input);
  const stack = options.text("stack");
  const [file = `${stack}.svg`] = options.list("args");
  checkGraphFile(file);
  const result = await plan({
    folder: options.text("cwd"),
    stack,
    configFile: options.optionalText("configFile"),
    settings: options.list("set"),
    onOutput: (text) => process.stderr.write(text),
  });
  await writeGraph(result, file);
  process.stdout.write(`${file}: ${result.resources.length} resources of the stack ${stack}\n`);
  return EXIT.pass;
}
