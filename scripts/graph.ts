import { Options } from "./options";
import { checkGraphFile } from "./plan/graph-file";
import { plan } from "./plan/plan";
import { writeGraph } from "./plan/write-graph";
import { EXIT, type ExitCode } from "./user-error";

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
