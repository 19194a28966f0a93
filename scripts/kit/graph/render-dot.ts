import { wrapWords } from "../terminal/wrap-words";
import type { Graph, GraphBox, GraphNode } from "./graph";

/** Pale fills for the layers, in turn. */
const FILLS = ["#e8f1fb", "#eaf6ec", "#fdf3e1", "#f6eafa", "#fdebea", "#e6f6f6", "#f3f3e4"];

/** Sizes of bold titles, as the boxes are made for them and as they are drawn: see renderSvg. */
export const MEASURED = { box: 18, node: 14 } as const;
export const DRAWN = { box: 14, node: 11 } as const;

/** Characters in a line of a node. */
const LINE = 48;

/** The picture in Graphviz' language. */
export function renderDot({ title, boxes, edges }: Graph): string {
  return [
    `digraph ${quote(title)} {`,
    `  graph [rankdir=TB, bgcolor="white", fontname="Helvetica", nodesep=0.3, ranksep=0.45]`,
    `  node [shape=box, style="rounded,filled", fillcolor="white", color="#6b7280",`,
    `    fontname="Helvetica", fontsize=11, margin="0.12,0.08"]`,
    `  edge [color="#6b7280", arrowsize=0.7]`,
    ...boxes.map(renderBox),
    ...edges.map(({ from, to }) => `  ${from} -> ${to}`),
    "}",
    "",
  ].join("\n");
}

function renderBox({ title, nodes }: GraphBox, index: number): string {
  const fill = FILLS[index % FILLS.length] ?? "white";
  return [
    `  subgraph cluster_${String(index)} {`,
    `    label=${bold(title)}; labeljust=l; fontname="Helvetica"; fontsize=${MEASURED.box}`,
    `    style="rounded,filled"; color="${fill}"; fillcolor="${fill}"`,
    ...nodes.map((node) => `    ${node.id} [label=${renderLabel(node)}]`),
    "  }",
  ].join("\n");
}

function renderLabel({ title, parts }: GraphNode): string {
  const lines = parts.flatMap((part) => wrapWords(part, LINE));
  const small = lines.map((line) => `<FONT POINT-SIZE="9">${escapeHtml(line)}</FONT>`);
  const left = small.map((line) => `${line}<BR ALIGN="LEFT"/>`).join("");
  const name = `<FONT POINT-SIZE="${MEASURED.node}"><B>${escapeHtml(title)}</B></FONT>`;
  return `<${name}${left === "" ? "" : `<BR/>${left}`}>`;
}

function bold(text: string): string {
  return text === "" ? quote("") : `<<B>${escapeHtml(text)}</B>>`;
}

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
