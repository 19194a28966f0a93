import type { z } from "zod";
import { findController } from "../components/node/facts";
import { completeLan } from "../components/remote/config";
import type { StackConfig, stackSchema } from "./schema";

/** The configuration with what follows from the rest of it, where the file says nothing. */
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

/** Where there is none, which is told elsewhere, any machine: nothing else is wrong for that. */
function controllerName({ machines, bootstrap }: z.output<typeof stackSchema>): string {
  const all = Object.entries(machines).map(([name, { roles }]) => ({ name, roles }));
  return (findController(all, bootstrap.controller) ?? all[0])?.name ?? "";
}
