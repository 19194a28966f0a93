import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { renderDot } from "../../scripts/kit/graph/render-dot";
import { renderSvg } from "../../scripts/kit/graph/write-graph";
import { drawRooms, roomEdges } from "../static/rooms/rooms";

const ROOT = path.join(__dirname, "../..");

describe("the rooms of the code", () => {
  it("are as the picture in CONTRIBUTING shows them (npm run rooms draws it)", async () => {
    const drawn = await renderSvg(renderDot(drawRooms(ROOT)));
    assert.equal(readFileSync(path.join(ROOT, "docs/rooms.svg"), "utf8"), drawn);
    assert.match(readFileSync(path.join(ROOT, "CONTRIBUTING.md"), "utf8"), /docs\/rooms\.svg/);
  });

  it("import one way: no layer imports another, and nothing imports the command", () => {
    const edges = roomEdges(ROOT);
    const layers = [...edges.keys()].filter((name) => /^components\/[a-z]+$/.test(name));
    const common = ["components/remote", "components/shared"];
    for (const layer of layers.filter((name) => !common.includes(name))) {
      const targets = [...(edges.get(layer) ?? [])].filter(
        (name) => !/remote|shared|versions/.test(name),
      );
      assert.deepEqual(targets, [], layer);
    }
    for (const [room, targets] of edges) {
      if (room.startsWith("scripts/")) continue;
      assert.deepEqual(
        [...targets].filter((name) => name.startsWith("scripts/")),
        [],
        room,
      );
    }
  });
});
