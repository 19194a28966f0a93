import { exportsFunction, loadModule } from "../../loader/lazy";
import type { Operator } from "../../kit/ssh/operator";
import type { Check } from "../../kit/validation-report";
import type { Input } from "./command";

interface CheckModule {
  checkTunnel(operator: Operator, configFile: string | undefined): Promise<Check | undefined>;
}

/** What Cloudflare says of the tunnel; a stack without one loads nothing for it. */
export async function checkCloudflare(
  operator: Operator,
  groups: readonly string[],
  { configFile }: Pick<Input["options"], "configFile">,
): Promise<Check | undefined> {
  const isWanted = groups.includes("all") || groups.includes("platform");
  if (!isWanted || operator.site.config.platform?.tunnel === undefined) return undefined;
  const module = loadModule(__filename, "../../kit/cloudflare/tunnel-check.ts", isCheckModule);
  return module.checkTunnel(operator, configFile);
}

function isCheckModule(module: unknown): module is CheckModule {
  return exportsFunction(module, "checkTunnel");
}
