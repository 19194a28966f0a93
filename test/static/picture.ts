import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { plan } from "../../scripts/engine/plan";
import { writeGraph } from "../../scripts/kit/graph/write-graph";
import { type Check, NOTHING_FOUND, type Outcome } from "./check";
import { ROOT } from "./files";

const STACK = "homelab";
const PICTURE = `docs/${STACK}.svg`;

/** The README's picture shows the plan of the example stack as it is today. */
export const picture: Check = { name: "the README's picture", run: comparePicture };

async function comparePicture(): Promise<Outcome> {
  const file = `Pulumi.${STACK}.yaml`;
  if (!existsSync(path.join(ROOT, file))) return { skipped: `there is no ${file}` };
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-picture-"));
  try {
    const drawn = path.join(folder, "drawn.svg");
    await writeGraph(await plan({ folder: ROOT, stack: STACK, onOutput: () => undefined }), drawn);
    const [is, shown] = [drawn, path.join(ROOT, PICTURE)].map((each) => readFileSync(each, "utf8"));
    if (is === shown) return NOTHING_FOUND;
    return { faults: `draw it again: npm run plan -- --stack ${STACK} --graph ${PICTURE}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
