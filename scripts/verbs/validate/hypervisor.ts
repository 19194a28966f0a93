import { exportsFunction, loadModule } from "../../loader/lazy";
import type { Operator } from "../../kit/ssh/operator";
import type { Check } from "../../kit/validation-report";
import type { Input } from "./command";

interface CheckModule {
  checkHighAvailability(
    operator: Operator,
    configFile: string | undefined,
  ): Promise<Check | undefined>;
}

/** What Proxmox says of the machines that it is to keep running; a stack without such ones loads nothing for it. */
export async function checkHypervisor(
  operator: Operator,
  groups: readonly string[],
  { configFile }: Pick<Input["options"], "configFile">,
): Promise<Check | undefined> {
  const isWanted = groups.includes("all") || groups.includes("hypervisor");
  if (!isWanted || operator.site.machines.every(({ vm }) => vm?.ha === undefined)) return undefined;
  const module = loadModule(__filename, "../../kit/proxmox/ha-check.ts", isCheckModule);
  return module.checkHighAvailability(operator, configFile);
}

function isCheckModule(module: unknown): module is CheckModule {
  return exportsFunction(module, "checkHighAvailability");
}
