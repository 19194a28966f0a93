import type { BootstrapConfig } from "../../components/bootstrap/config";
import { METHODS } from "../../components/bootstrap/methods";
import type { Change } from "./homelab";

export type Method = BootstrapConfig["method"];

/** Every method by its name, the default one first. */
export const METHOD_NAMES: readonly Method[] = METHODS.map(({ name }) => name);

/** What a method cannot do without, beside its name: K3s's digest, which nobody has pinned. */
const NEEDED: Partial<Readonly<Record<Method, Readonly<Record<string, unknown>>>>> = {
  k3s: { checksums: { k3s: "0".repeat(64) } },
};

/** Settings of vmstation:bootstrap for a method, with what it needs. */
export function withNeeded(method: Method, settings: Readonly<Record<string, unknown>> = {}) {
  return { ...NEEDED[method], ...settings, method };
}

/** The same as changes of a stack. */
export function methodChanges(method: Method): Change[] {
  return Object.entries(withNeeded(method)).map(([key, value]) => [["bootstrap", key], value]);
}
