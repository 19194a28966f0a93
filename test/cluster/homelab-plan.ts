import path from "node:path";
import { plan, type Plan } from "../../scripts/engine/plan";
import { HOMELAB_FILE } from "../support/homelab";

/** The plan of the tests' homelab, as `npm run plan` prints it. */
export function homelabPlan(): Promise<Plan> {
  return plan({
    folder: path.join(__dirname, "../.."),
    stack: "homelab",
    configFile: HOMELAB_FILE,
    onOutput: () => undefined,
  });
}
