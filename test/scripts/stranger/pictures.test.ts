import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Graph } from "../../../scripts/kit/graph/graph";
import { renderDot } from "../../../scripts/kit/graph/render-dot";
import { renderPng } from "../../../scripts/kit/graph/render-png";
import { renderSvg } from "../../../scripts/kit/graph/write-graph";
import { vmstation } from "../../support/command-line";

const ROOT = path.resolve(__dirname, "../../..");

/** Widest average of DejaVu Sans Bold for names of lower-case letters, digits and hyphens, in ems. */
const BOLD = 0.72;

const NAMES = ["node-storage-of-attic", "kubernetes", "mmmmm-wwwww", "i"];

const GRAPH: Graph = {
  title: "titles",
  boxes: NAMES.map((title, index) => ({
    title,
    nodes: [{ id: `n${index}`, title, parts: [] }],
  })),
  edges: [],
};

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The horizontal extent of a group's box and of the title in it. */
function readSpans(svg: string): { box: Span; title: Span; name: string }[] {
  return [...svg.matchAll(/<g id="(?:node|clust)\d+"[^]*?<\/g>/g)].map(([group]) => {
    const points = / (?:d|points)="([^"]*)"/.exec(group)?.[1] ?? "";
    const xs = [...points.matchAll(/(-?[\d.]+),-?[\d.]+/g)].map(([, x]) => Number(x));
    const text = /<text[^>]*text-anchor="(\w+)" x="([-\d.]+)"[^>]*font-size="([\d.]+)">([^<]*)</;
    const [, anchor, x, size, name = ""] = text.exec(group) ?? [];
    const width = name.replaceAll("&#45;", "-").length * Number(size) * BOLD;
    const from = anchor === "start" ? Number(x) : Number(x) - width / 2;
    return {
      box: { from: Math.min(...xs), to: Math.max(...xs) },
      title: { from, to: from + width },
      name,
    };
  });
}

describe("a picture of the graph", () => {
  it("has each title in its box, in fonts that are wider than Helvetica too", async () => {
    const spans = readSpans(await renderSvg(renderDot(GRAPH)));
    assert.equal(spans.length, 2 * NAMES.length);
    for (const { box, title, name } of spans)
      assert.ok(
        title.from >= box.from && title.to <= box.to,
        `${name}: ${JSON.stringify({ box, title })}`,
      );
  });

  it("is a PNG with letters, where the system has no font", async () => {
    const count = async (title: string): Promise<number> => {
      const nodes = [{ id: "n0", title, parts: [] }];
      const dot = renderDot({ title: "x", boxes: [{ title: "", nodes }], edges: [] });
      const png = await renderPng(await renderSvg(dot));
      assert.equal(Buffer.from(png.subarray(1, 4)).toString(), "PNG");
      return png.length;
    };
    // Letters take room in the file; boxes alone compress to almost nothing.
    assert.ok((await count("abcdefghij")) > (await count("..........")) + 200);
  });

  it("is told of once it is written, on stderr where stdout has a document", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-picture-"));
    try {
      const program = path.join(ROOT, "test/support/fixtures/plan/program");
      const file = path.join(folder, "lab.png");
      const words = ["-C", program, "graph", file, "--stack", "lab", "--json"];
      const { stdout, stderr } = await vmstation(...words);
      assert.equal(stderr, "");
      const resources: unknown = JSON.parse(stdout);
      assert.deepEqual(resources, { version: 1, stack: "lab", file, resources: 12 });
      assert.equal(fs.readFileSync(file).subarray(1, 4).toString(), "PNG");
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it("in the documents shows no warning of the engine", () => {
    for (const name of fs
      .readdirSync(path.join(ROOT, "docs"))
      .filter((one) => one.endsWith(".svg")))
      assert.doesNotMatch(
        fs.readFileSync(path.join(ROOT, "docs", name), "utf8"),
        /Undefined value/,
      );
  });
});
