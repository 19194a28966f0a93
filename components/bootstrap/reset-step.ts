import type { Step } from "../remote/step";

/** The step that takes one machine out of a cluster when it is removed; `script` is the method's own. */
export function machineReset(script: string): Step {
  return { name: "bootstrap-reset", script, libraries: [], settings: {} };
}
