import { Asset, type PropertyMap, type PropertyValue, Ref, Secret, Unknown } from "./values";

/** What a value becomes in a printed plan: plain JSON. */
export type Printable = null | boolean | number | string | Printable[] | PrintableMap;

export interface PrintableMap {
  [key: string]: Printable;
}

export const SECRET_TEXT = "[secret]";
export const UNKNOWN_TEXT = "[unknown]";

/** A map for printing: keys sorted, secrets and unknowns replaced by their texts. */
export function printableMap(map: PropertyMap): PrintableMap {
  const result: PrintableMap = {};
  for (const key of Object.keys(map).sort()) result[key] = printable(map[key] ?? null);
  return result;
}

export function printable(value: PropertyValue): Printable {
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map(printable);
  if (value instanceof Secret) return SECRET_TEXT;
  if (value instanceof Unknown) return UNKNOWN_TEXT;
  if (value instanceof Asset) return { [value.kind]: printableMap(value.content) };
  if (value instanceof Ref) return value.urn;
  return printableMap(value);
}

/** Where the secrets of a map are, as `a.b[0]["c.d"]`, sorted. A secret hides what is below it. */
export function secretPaths(map: PropertyMap): string[] {
  const paths: string[] = [];
  walk(map, "", paths);
  return paths.sort();
}

function walk(value: PropertyValue, path: string, paths: string[]): void {
  if (value instanceof Secret) {
    paths.push(path);
  } else if (isList(value)) {
    for (const [index, item] of value.entries()) walk(item, `${path}[${index}]`, paths);
  } else if (value instanceof Asset) {
    walk(value.content, path, paths);
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) walk(item, joinPath(path, key), paths);
  }
}

function joinPath(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** `Array.isArray` would make a list of any out of what may also be a map. */
function isList(value: PropertyValue | undefined): value is PropertyValue[] {
  return Array.isArray(value);
}

/** True for a plain map, neither list, secret, unknown, asset nor reference. */
export function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return (
    value !== null &&
    typeof value === "object" &&
    !isList(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown) &&
    !(value instanceof Asset) &&
    !(value instanceof Ref)
  );
}

export function containsUnknown(value: PropertyValue): boolean {
  if (value === null || typeof value !== "object") return false;
  if (isList(value)) return value.some(containsUnknown);
  if (value instanceof Unknown) return true;
  if (value instanceof Secret) return containsUnknown(value.value);
  if (value instanceof Ref) return value.id === undefined;
  return Object.values(value instanceof Asset ? value.content : value).some(containsUnknown);
}

/** The value without its secret marks, at any depth. For applying it, never for printing. */
export function reveal(value: PropertyValue): PropertyValue {
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map(reveal);
  if (value instanceof Secret) return reveal(value.value);
  if (value instanceof Asset) return new Asset(value.kind, revealMap(value.content));
  return isMap(value) ? revealMap(value) : value;
}

export function revealMap(map: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, reveal(value)]));
}
