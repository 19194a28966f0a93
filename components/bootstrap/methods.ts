import type { CommonConfig } from "./common-config";
import type { BootstrapMethod } from "./method";
import * as registry from "./registry";

/** What a configuration that names none has. */
export const DEFAULT_METHOD = registry.kubespray;

export const OTHER_METHODS = Object.values(registry).filter((one) => one !== DEFAULT_METHOD);

/** Every way to a cluster, the default one first. */
export const METHODS = [DEFAULT_METHOD, ...OTHER_METHODS];

/** The method that a configuration names. */
export function methodOf({ method }: Pick<CommonConfig, "method">): BootstrapMethod {
  const found = METHODS.find(({ name }) => name === method);
  if (found === undefined) throw new Error(`there is no bootstrap method ${method}`);
  return found;
}
