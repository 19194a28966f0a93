import type { Graph, GraphBox } from "./graph";
import { wrapWords } from "../terminal/wrap-words";

/** Characters in a line of a node. */
const LINE = 48;

/** The picture as a Mermaid flowchart, which code forges draw in Markdown. */
export function renderMermaid({ boxes, edges }: Graph): string {
  return [
    "flowchart TB",
    ...boxes.map(renderBox),
    ...edges.map(({ from, to }) => `  ${from} --> ${to}`),
    "",
  ].join("\n");
}

function renderBox({ title, nodes }: GraphBox, index: number): string {
  return [
    `  subgraph layer${String(index)}["${escapeLabel(title)}"]`,
    ...nodes.map((node) => {
      const lines = node.parts.flatMap((part) => wrapWords(part, LINE)).map(escapeLabel);
      return `    ${node.id}["${[`<b>${escapeLabel(node.title)}</b>`, ...lines].join("<br/>")}"]`;
    }),
    "  end",
  ].join("\n");
}

/** Mermaid has entity codes of its own, with # in place of &. */
function escapeLabel(text: string): string {
  return text
    .replaceAll("#", "#35;")
    .replaceAll("&", "#amp;")
    .replaceAll('"', "#quot;")
    .replaceAll("<", "#lt;")
    .replaceAll(">", "#gt;");
}
