import { Options } from "./options";
import { renderDocument } from "./plan/document";
import { plan } from "./plan/plan";
import { renderText } from "./plan/render-text";
import { Style } from "./plan/style";
import { checkGraphFile, writeGraph } from "./plan/write-graph";
import { EXIT, type ExitCode } from "./user-error";

/** `vmstation plan`: prints a stack's plan, for people or as JSON, and draws it. */
export async function run(input: unknown): Promise<ExitCode> {
  const options = new Options(input);
  const graphFile = options.optionalText("graph");
  if (graphFile !== undefined) checkGraphFile(graphFile);
  const result = await plan({
    folder: options.text("cwd"),
    stack: options.text("stack"),
    configFile: options.optionalText("configFile"),
    settings: options.list("set"),
    onOutput: (text) => process.stderr.write(text),
  });
  if (graphFile !== undefined) await writeGraph(result, graphFile);
  process.stdout.write(
    options.flag("json")
      ? `${JSON.stringify(renderDocument(result), null, 2)}\n`
      : renderText(result, Style.of(process.stdout, process.env)),
  );
  return EXIT.pass;
}
