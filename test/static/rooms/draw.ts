import { writeFileSync } from "node:fs";
import path from "node:path";
import { renderDot } from "../../../scripts/kit/graph/render-dot";
import { renderSvg } from "../../../scripts/kit/graph/write-graph";
import { ROOT } from "../files";
import { drawRooms } from "./rooms";

/** Draws docs/rooms.svg, the picture in CONTRIBUTING, from the imports of the code. */
async function main(): Promise<void> {
  writeFileSync(path.join(ROOT, "docs/rooms.svg"), await renderSvg(renderDot(drawRooms(ROOT))));
}

void main();
