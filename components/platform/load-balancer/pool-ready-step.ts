import type { AddressRange } from "../../shared/addresses";
import { readScript, type Step } from "../../remote/step";

const FOLDER = "/usr/local/lib/vmstation/platform";

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
      {
        path: `${FOLDER}/pool_ready.py`,
        content: readScript(__dirname, "files/pool_ready.py"),
        mode: "0755",
        validate: "python",
      },
      { path: `${FOLDER}/pool.json`, content: `${JSON.stringify(spec, null, 2)}\n` },
    ],
  };
}
