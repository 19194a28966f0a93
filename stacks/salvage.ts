import type { z } from "zod";
import { renderPath } from "./errors";
import type { Problem } from "../components/shared/problem";

/** What is left of the structured keys once all that is wrong by itself is taken out. */
export interface Salvage {
  readonly layers: Readonly<Record<string, unknown>>;
  /** What was taken out, as paths of keys. */
  readonly missing: readonly string[];
}

/**
 * Takes out what zod refused, so that the rest can be looked at across layers in the same run. Undefined where something
 * with a name of its own would go, a machine or an export: what refers to it would then seem wrong as well. `wholeApps`
 * takes an app out together with its wrong keys.
 */
export function salvage(
  layers: Readonly<Record<string, unknown>>,
  error: z.ZodError,
  wholeApps = false,
): Salvage | undefined {
  if (error.issues.some((issue) => issue.code === "invalid_key")) return undefined;
  const paths = error.issues
    .flatMap(pathsOf)
    .map((path) => (wholeApps && path[0] === "apps" ? path.slice(0, 2) : path));
  if (paths.some(isReferredTo)) return undefined;
  const rest = structuredClone(layers);
  for (const path of paths) remove(rest, path);
  return { layers: rest, missing: paths.map(renderPath) };
}

/** A machine or an export, or all of them. The schema itself reports a required layer that is missing. */
function isReferredTo([layer, , key, ...more]: readonly PropertyKey[]): boolean {
  if (layer !== "machines") return false;
  return key === undefined || (key === "exports" && more.length < 2);
}

/** An item of a list takes its list with it: the others would move. */
function pathsOf(issue: z.core.$ZodIssue): PropertyKey[][] {
  const item = issue.path.findIndex((key) => typeof key === "number");
  if (item >= 0) return [issue.path.slice(0, item)];
  if (issue.code !== "unrecognized_keys") return [issue.path];
  return issue.keys.map((key) => [...issue.path, key]);
}

function remove(target: unknown, [key, ...rest]: readonly PropertyKey[]): void {
  if (typeof target !== "object" || target === null || key === undefined) return;
  if (rest.length === 0) Reflect.deleteProperty(target, key);
  else remove(Reflect.get(target, key), rest);
}

/** Whether a problem of what is left may come from what is missing there. */
export function mayComeFrom({ path, found }: Problem, missing: readonly string[]): boolean {
  return missing.some(
    (each) =>
      isWithin(each, path) ||
      isWithin(path, each) ||
      found.includes(each) ||
      // Another layer's word on an app: gitops.apps.notes.
      path.endsWith(`.${each}`),
  );
}

function isWithin(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
}
