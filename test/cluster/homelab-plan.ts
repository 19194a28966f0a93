import path from "node:path";
import { plan, type Plan } from "../../scripts/engine/plan";

/** The plan of the homelab's stack, as `npm run plan` prints it. */
export function homelabPlan(): Promise<Plan> {
  return plan({
    folder: path.join(__dirname, "../.."),
    stack: "homelab",
    onOutput: () => undefined,
  });
}
