import { exportsFunction, loadModule } from "../../loader/lazy";
import type { Operator } from "../../kit/ssh/operator";
import type { Check } from "../../kit/validation-report";
import type { Input } from "./command";

interface CheckModule {
  checkProxmox(operator: Operator, configFile: string | undefined): Promise<readonly Check[]>;
}

/** What Proxmox says of the machines; a stack without virtual ones loads nothing for it. */
export async function checkHypervisor(
  operator: Operator,
  groups: readonly string[],
  { configFile }: Pick<Input["options"], "configFile">,
): Promise<readonly Check[]> {
  const isWanted = groups.includes("all") || groups.includes("hypervisor");
  if (!isWanted || operator.site.machines.every(({ vm }) => vm === undefined)) return [];
  const module = loadModule(__filename, "../../kit/proxmox/checks.ts", isCheckModule);
  return module.checkProxmox(operator, configFile);
}

function isCheckModule(module: unknown): module is CheckModule {
  return exportsFunction(module, "checkProxmox");
}
