import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import { buildGraph } from "./graph";
import type { Plan } from "./plan";
import { renderDot } from "./render-dot";
import { renderMermaid } from "./render-mermaid";

/** Draws a plan to a file, in the format of its ending. */
export async function writeGraph(plan: Plan, file: string): Promise<void> {
  const graph = buildGraph(plan);
  if (extname(file) === ".mmd") writeFileSync(file, renderMermaid(graph));
  else if (extname(file) === ".dot") writeFileSync(file, renderDot(graph));
  else writeFileSync(file, await renderSvg(renderDot(graph)));
}

/** Graphviz compiled to WebAssembly: nothing to install, and loaded only here. */
export async function renderSvg(dot: string): Promise<string> {
  const { Graphviz } = await import("@hpcc-js/wasm-graphviz");
  const graphviz = await Graphviz.load();
  return `${graphviz.dot(dot).trimEnd()}\n`;
}
