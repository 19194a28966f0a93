import type { z } from "zod";
import { findController } from "../components/node/facts";
import { completeLan } from "../components/remote/config";
import type { StackConfig, stackSchema } from "./schema";

/** The configuration with defaults that follow from its other keys. */
export function fillIn(config: z.output<typeof stackSchema>): StackConfig {
  const lan = completeLan(config.lan);
  const controller = controllerName(config);
  const { timeServer = controller, logServer = controller, ...node } = config.node;
  return {
    ...config,
    lan,
    machines: Object.fromEntries(
      Object.entries(config.machines).map(([name, machine]) => [
        name,
        { ...machine, dns: machine.dns.length > 0 ? machine.dns : [lan.gateway] },
      ]),
    ),
    node: { timeServer, logServer, ...node },
  };
}

/** Without a control plane, which another rule reports, any machine: one mistake must not cause a second error. */
function controllerName({ machines, bootstrap, cluster }: z.output<typeof stackSchema>): string {
  const all = Object.entries(machines).map(([name, { roles }]) => ({ name, roles }));
  return (findController(all, cluster.controller ?? bootstrap.controller) ?? all[0])?.name ?? "";
}
