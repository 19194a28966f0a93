/** A variable's value, as Ansible has it after reading. */
export type Value = Scalar | readonly Value[] | ValueMap | Opaque;
type Scalar = string | number | bigint | boolean | null;
/** Keys are mostly strings; YAML allows others. */
export type ValueMap = ReadonlyMap<Value, Value>;
export type Variables = ReadonlyMap<Value, Value>;

/** A value that Ansible has and init cannot have. It matters only where somebody asks for it. */
export class Opaque {
  /** `what` follows "is": "encrypted by Ansible Vault". */
  constructor(readonly what: string) {}
}

export const VAULT = new Opaque("encrypted by Ansible Vault");

export function isValueMap(value: Value | undefined): value is ValueMap {
  return value instanceof Map;
}

/** Later ones win. */
export function mergeVariables(layers: readonly Variables[]): Map<Value, Value> {
  return new Map(layers.flatMap((layer) => [...layer]));
}

/** What a message calls a value's type. */
export function typeOf(value: Value): string {
  if (value === null) return "empty";
  if (value instanceof Opaque) return value.what;
  if (Array.isArray(value)) return "a list";
  if (isValueMap(value)) return "a map";
  return typeof value === "string" ? "text" : `a ${typeof value}`;
}

/** Whether Python takes a value for true: "", 0 and an empty list are none. */
export function isFilled(value: Value): boolean {
  if (isValueMap(value)) return value.size > 0;
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** A key or a short value as a message shows it. */
export function show(value: Value): string {
  const isLong = value instanceof Opaque || typeof value === "object";
  return isLong && value !== null ? typeOf(value) : String(value);
}
