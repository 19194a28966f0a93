import { isDeepStrictEqual } from "node:util";
import { revealMap } from "../../../scripts/engine/inspect";
import type { Registration } from "../../../scripts/engine/registration";
import type { PropertyMap } from "../../../scripts/engine/values";
import type { ResourceState } from "./state";

export type Change = "same" | "update" | "replace";

/** What has to be done for a resource that exists already. */
export function findChange(
  old: ResourceState,
  inputs: PropertyMap,
  { replaceOnChanges }: Registration,
): Change {
  const changed = changedProperties(old.inputs, inputs);
  if (changed.length === 0) return "same";
  const replacing = new Set(replaceOnChanges.map(topProperty));
  return changed.some((name) => replacing.has("*") || replacing.has(name)) ? "replace" : "update";
}

/** The inputs that count: what the options tell to ignore stays as it was. */
export function effectiveInputs(
  registration: Registration,
  old: ResourceState | undefined,
): PropertyMap {
  const { inputs, ignoreChanges, urn } = registration;
  if (old === undefined || ignoreChanges.length === 0) return inputs;
  if (ignoreChanges.includes("*")) return old.inputs;
  const result = { ...inputs };
  for (const name of ignoreChanges) {
    if (topProperty(name) !== name)
      throw new Error(`${urn}: cannot ignore changes of ${name} here`);
    const before = old.inputs[name];
    if (before === undefined) Reflect.deleteProperty(result, name);
    else result[name] = before;
  }
  return result;
}

/** The top-level properties that differ, whether or not they are secret. */
function changedProperties(before: PropertyMap, after: PropertyMap): string[] {
  const [old, current] = [revealMap(before), revealMap(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(current)])].filter(
    (name) => !isDeepStrictEqual(old[name], current[name]),
  );
}

/** The property that a path such as `triggers[*]` begins with. */
function topProperty(path: string): string {
  return /^[^.[]+/.exec(path)?.[0] ?? path;
}
