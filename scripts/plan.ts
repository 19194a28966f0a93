import { Options } from "./options";
import { renderDocument } from "./plan/document";
import { plan } from "./plan/plan";
import { EXIT, type ExitCode } from "./user-error";

/** `vmstation plan`: prints a stack's plan, for people or as JSON, and draws it. */
export async function run(input: unknown): Promise<ExitCode> {
  const options = new Options(input);
  const result = await plan({
    folder: options.text("cwd"),
    stack: options.text("stack"),
    configFile: options.optionalText("configFile"),
    settings: options.list("set"),
    onOutput: (text) => process.stderr.write(text),
  });
  if (options.flag("json")) {
    process.stdout.write(`${JSON.stringify(renderDocument(result), null, 2)}\n`);
  }
  return EXIT.pass;
}
