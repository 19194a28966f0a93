import assert from "node:assert/strict";
import fc from "fast-check";
import { buildGraph, type Graph } from "../../../scripts/kit/graph/graph";
import { renderDot } from "../../../scripts/kit/graph/render-dot";
import { renderMermaid } from "../../../scripts/kit/graph/render-mermaid";
import { renderSvg } from "../../../scripts/kit/graph/write-graph";
import { component, planOf } from "./registrations";

const graph: Graph = {
  title: "lab",
  boxes: [
    { title: "node", nodes: [{ id: "n1", title: "alpha", parts: ["kernel", 'sshd <&"#'] }] },
    { title: "apps", nodes: [{ id: "n2", title: "jellyfin", parts: [] }] },
  ],
  edges: [{ from: "n1", to: "n2" }],
};

describe("the picture", () => {
  it("has a box per layer, a node per component, and no edge that others imply", () => {
    const [, alpha] = component("node", "alpha");
    const [, cluster] = component("bootstrap", "cluster");
    assert.ok(alpha !== undefined && cluster !== undefined);
    const plan = planOf(
      ...component("node", "alpha"),
      ...component("bootstrap", "cluster", alpha.urn),
      ...component("apps", "jellyfin", alpha.urn, cluster.urn),
    );
    assert.deepEqual(buildGraph(plan), {
      title: "lab",
      boxes: [
        { title: "node", nodes: [{ id: "n1", title: "alpha", parts: ["run"] }] },
        { title: "bootstrap", nodes: [{ id: "n2", title: "cluster", parts: ["run"] }] },
        { title: "apps", nodes: [{ id: "n3", title: "jellyfin", parts: ["run"] }] },
      ],
      edges: [
        { from: "n1", to: "n2" },
        { from: "n2", to: "n3" },
      ],
    });
  });

  it("is a Mermaid flowchart with its text escaped", () => {
    assert.equal(
      renderMermaid(graph),
      [
        "flowchart TB",
        '  subgraph layer0["node"]',
        '    n1["<b>alpha</b><br/>kernel<br/>sshd #lt;#amp;#quot;#35;"]',
        "  end",
        '  subgraph layer1["apps"]',
        '    n2["<b>jellyfin</b>"]',
        "  end",
        "  n1 --> n2",
        "",
      ].join("\n"),
    );
  });

  it("is drawn by Graphviz, with layers as clusters", async () => {
    const svg = await renderSvg(renderDot(graph));
    for (const part of ["cluster_0", "cluster_1", "alpha", "jellyfin", "sshd &lt;&amp;&quot;#"]) {
      assert.ok(svg.includes(part), part);
    }
    assert.equal(svg.match(/class="edge"/g)?.length, 1);
  });

  it("is valid with any names", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.array(fc.string()), async (title, parts) => {
        const boxes = [{ title, nodes: [{ id: "n1", title, parts }] }];
        const dot = renderDot({ title, boxes, edges: [] });
        assert.match(await renderSvg(dot), /<\/svg>/);
        assert.equal(renderMermaid({ title, boxes, edges: [] }).split('"').length, 5);
      }),
      { numRuns: 30 },
    );
  });
});
