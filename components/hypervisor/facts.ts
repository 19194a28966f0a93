import type { LayerFacts } from "../shared/facts";
import type { HypervisorConfig } from "./config";

/** What the hypervisors ask of the rest of the stack. */
export function hypervisorFacts(config: HypervisorConfig | undefined): LayerFacts {
  if (config === undefined) return {};
  return {
    secrets: [
      {
        path: "hypervisor.tokenSecret",
        name: config.tokenSecret,
        leftOut: "no machine can be made or changed on the hypervisor",
      },
    ],
  };
}
