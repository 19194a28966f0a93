import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import { buildGraph } from "./graph";
import type { Plan } from "../../engine/plan";
import { renderDot } from "./render-dot";
import { renderMermaid } from "./render-mermaid";

/** Draws a plan to a file, in the format of its ending. */
export async function writeGraph(plan: Plan, file: string): Promise<void> {
  const graph = buildGraph(plan);
  if (extname(file) === ".mmd") writeFileSync(file, renderMermaid(graph));
  else if (extname(file) === ".dot") writeFileSync(file, renderDot(graph));
  else writeFileSync(file, await renderSvg(renderDot(graph)));
}

const NARROW = "Helvetica,sans-Serif";
/** The widths that boxes are made for; see renderSvg. */
const WIDE = "Courier";

/**
 * Graphviz compiled to WebAssembly: nothing to install, and loaded only here. It knows no font of the reader's,
 * so the boxes are made for letters wider than any sans-serif face draws them, and no text leaves its box.
 */
export async function renderSvg(dot: string): Promise<string> {
  const { Graphviz } = await import("@hpcc-js/wasm-graphviz");
  const graphviz = await Graphviz.load();
  const drawn = graphviz.dot(dot.replaceAll('"Helvetica', `"${WIDE}`));
  return `${drawn.replaceAll(/font-family="[^"]*"/g, `font-family="${NARROW}"`).trimEnd()}\n`;
}
