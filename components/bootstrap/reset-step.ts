import { readScript, type Step } from "../remote/step";
import type { ClusterArgs } from "./args";

/**
 * The step that takes one machine out of a cluster when it is removed; `script` is the method's own and defines
 * take_away.
 */
export function machineReset({ network }: ClusterArgs, script: string): Step {
  const shared = ["files/pod-routes.sh", "files/reset-machine.sh"];
  const parts = shared.map((file) => readScript(__dirname, file));
  return {
    name: "bootstrap-reset",
    script: [...parts, script].join("\n"),
    libraries: [],
    settings: { POD_CIDR: network.podCidr },
  };
}
