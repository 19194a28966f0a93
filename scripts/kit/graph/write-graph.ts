import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import { buildGraph, type Graph } from "./graph";
import type { Plan } from "../../engine/plan";
import { DRAWN, MEASURED, renderDot } from "./render-dot";
import { renderPng } from "./render-png";
import { renderMermaid } from "./render-mermaid";

/** Draws a plan to a file, in the format of its ending. */
export async function writeGraph(plan: Plan, file: string): Promise<void> {
  const graph = buildGraph(plan);
  if (extname(file) === ".mmd") writeFileSync(file, renderMermaid(graph));
  else if (extname(file) === ".dot") writeFileSync(file, renderDot(graph));
  else if (extname(file) === ".png") writeFileSync(file, await renderPng(await draw(graph)));
  else writeFileSync(file, await draw(graph));
}

function draw(graph: Graph): Promise<string> {
  return renderSvg(renderDot(graph));
}

const NARROW = "Helvetica,sans-Serif";
/** The widths that boxes are made for; see renderSvg. */
const WIDE = "Courier";

/**
 * Graphviz compiled to WebAssembly: nothing to install, and loaded only here. It knows no font of the reader's,
 * so the boxes are made for letters wider than any sans-serif face draws them, and no text leaves its box. Bold
 * letters are wider still: titles are measured in a larger size than they are drawn in.
 */
export async function renderSvg(dot: string): Promise<string> {
  const { Graphviz } = await import("@hpcc-js/wasm-graphviz");
  const graphviz = await Graphviz.load();
  const drawn = graphviz.dot(dot.replaceAll('"Helvetica', `"${WIDE}`));
  const narrow = drawn.replaceAll(/font-family="[^"]*"/g, `font-family="${NARROW}"`).trimEnd();
  return `${resize(resize(narrow, MEASURED.node, DRAWN.node), MEASURED.box, DRAWN.box)}\n`;
}

function resize(svg: string, from: number, to: number): string {
  return svg.replaceAll(`font-size="${from.toFixed(2)}"`, `font-size="${to.toFixed(2)}"`);
}
