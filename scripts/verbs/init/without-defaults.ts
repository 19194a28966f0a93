import { checkConfig } from "../../../stacks/check";
import { isMap } from "../../kit/stack-file/stack-config";

type Path = readonly string[];
type Layers = Readonly<Record<string, unknown>>;

/**
 * The configuration without the keys that only repeat a default. Each key is tried: it is removed if the result is the
 * same without it. `kept`: keys that a person wants to see, as paths "layer.key".
 */
export function withoutDefaults(
  config: ReadonlyMap<string, unknown>,
  kept: readonly string[],
): Map<string, unknown> {
  const before: Layers = Object.fromEntries(
    [...config].map(([key, value]) => [key.replace(/^vmstation:/, ""), value]),
  );
  const wanted = meaningOf(before);
  if (wanted === undefined) return new Map(config);
  const shorter = listPaths(before)
    .filter((path) => !kept.some((each) => touches(each, path.join("."))))
    .reduce<Layers>((layers, path) => {
      const without = removeAt(layers, path);
      return without !== layers && meaningOf(without) === wanted ? without : layers;
    }, before);
  return new Map(Object.entries(shorter).map(([key, value]) => [`vmstation:${key}`, value]));
}

/** What the program makes of it; undefined where it is refused. */
function meaningOf(layers: Layers): string | undefined {
  const { site } = checkConfig({ values: layers, secretKeys: [] });
  return site === undefined ? undefined : JSON.stringify(site.config);
}

/** Layers, their keys and the keys of machines; a whole comes before its parts. */
function listPaths(layers: Layers): Path[] {
  return Object.entries(layers).flatMap(([layer, value]) => [
    [layer],
    ...keysBelow(value).flatMap((key) => [
      [layer, key],
      ...(layer === "machines" && isMap(value)
        ? keysBelow(value[key]).map((inner) => [layer, key, inner])
        : []),
    ]),
  ]);
}

function keysBelow(value: unknown): string[] {
  return isMap(value) ? Object.keys(value) : [];
}

/** Whether one of the paths is within the other. */
function touches(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

/** A copy without the key; the same object where it has none. An empty map goes with its last key. */
function removeAt(layers: Layers, [key = "", ...rest]: Path): Layers {
  if (!(key in layers)) return layers;
  const others = Object.fromEntries(Object.entries(layers).filter(([each]) => each !== key));
  if (rest.length === 0) return others;
  const inner = layers[key];
  if (!isMap(inner)) return layers;
  const shorter = removeAt(inner, rest);
  if (shorter === inner) return layers;
  return Object.keys(shorter).length === 0 ? others : { ...layers, [key]: shorter };
}
