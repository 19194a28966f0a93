/** A value inside Helm values or a dashboard, by keys. */
export function at(tree: unknown, ...keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : {}),
    tree,
  );
}
