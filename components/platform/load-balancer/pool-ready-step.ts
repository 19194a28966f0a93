import * as path from "node:path";
import type { AddressRange } from "../../shared/addresses";
import { readModules } from "../../remote/modules";
import { readScript, type Step } from "../../remote/step";

const FOLDER = "/usr/local/lib/vmstation/platform";

/** What asks a LAN for its addresses, on the controller: see ask_lan.py. */
export const ASK_LAN = `${FOLDER}/ask_lan.py`;

/** Before the pool is used, and again for addresses that it gets later: see pool_ready.py. */
export function poolReadyStep(
  controller: { readonly address: string },
  ranges: readonly AddressRange[],
  pool: object,
): Step {
  const spec = { from: controller.address, ranges: ranges.map(({ from, to }) => [from, to]), pool };
  return {
    name: "load-balancer-pool",
    script: readScript(__dirname, "files/pool-ready.sh"),
    libraries: ["files"],
    settings: { CHECK: `${FOLDER}/pool_ready.py`, SPEC: `${FOLDER}/pool.json` },
    files: [
      ...readModules(path.join(__dirname, "files"), FOLDER),
      { path: `${FOLDER}/pool.json`, content: `${JSON.stringify(spec, null, 2)}\n` },
    ],
  };
}
