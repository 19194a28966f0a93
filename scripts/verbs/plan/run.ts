import { exportsFunction, loadModule } from "../../kit/lazy";
import { Options } from "../../kit/options";
import { checkGraphFile } from "../../kit/graph/graph-file";
import { plan } from "../../engine/plan";
import type * as renderModule from "./render";
import type * as graphModule from "../../kit/graph/write-graph";
import { EXIT, type ExitCode } from "../../kit/user-error";

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
  if (graphFile !== undefined) {
    await loadModule(__filename, "../../kit/graph/write-graph", isGraph).writeGraph(
      result,
      graphFile,
    );
  }
  // What shows a plan is loaded once there is one: the program should start first.
  const { renderForPeople, renderJson } = loadModule(__filename, "render", isRender);
  const isJson = options.flag("json");
  process.stdout.write(isJson ? renderJson(result) : renderForPeople(result, process.stdout));
  return EXIT.pass;
}

function isRender(module: unknown): module is typeof renderModule {
  return exportsFunction(module, "renderJson") && exportsFunction(module, "renderForPeople");
}

function isGraph(module: unknown): module is typeof graphModule {
  return exportsFunction(module, "writeGraph");
}
