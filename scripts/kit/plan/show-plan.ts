import { plan } from "../../engine/plan";
import { exportsFunction, loadModule } from "../../loader/lazy";
import { renderDrawn } from "../graph/render-drawn";
import { writeJson } from "../verb/document";
import type * as graphModule from "../graph/write-graph";
import type * as renderModule from "./render";

export interface ShowPlanArgs {
  readonly cwd: string;
  readonly stack: string;
  readonly configFile: string | undefined;
  /** Values that differ from the file's, each as `layer.key=value`. */
  readonly settings: string[];
  /** File to draw the graph to. */
  readonly graph?: string | undefined;
  readonly json: boolean;
}

/** Makes a stack's plan and prints it, for people or as JSON; draws it where a file is named. */
export async function showPlan(args: ShowPlanArgs): Promise<void> {
  const { cwd, stack, configFile, settings, graph, json } = args;
  const made = await plan({
    ...{ folder: cwd, stack, configFile, settings },
    onOutput: (text) => process.stderr.write(text),
  });
  // The modules that show a plan are loaded after it is made, so that the program starts earlier.
  if (graph !== undefined) {
    await loadModule(__filename, "../graph/write-graph", isGraph).writeGraph(made, graph);
    // Not on stdout, where a program reads the document.
    process.stderr.write(renderDrawn(graph, stack, made.resources.length));
  }
  const { renderForPeople, renderDocument } = loadModule(__filename, "render", isRender);
  if (json) writeJson(renderDocument(made));
  else process.stdout.write(renderForPeople(made, process.stdout, cwd));
}

function isRender(module: unknown): module is typeof renderModule {
  return exportsFunction(module, "renderDocument") && exportsFunction(module, "renderForPeople");
}

function isGraph(module: unknown): module is typeof graphModule {
  return exportsFunction(module, "writeGraph");
}
