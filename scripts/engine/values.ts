/**
 * Property values as the engine sees them. On the wire, what JSON cannot say is a string or a map
 * with a signature (Pulumi's sdk/go/common/resource/properties.go); in memory it is a class.
 */
export type PropertyValue =
  null | boolean | number | string | PropertyValue[] | PropertyMap | Secret | Unknown | Asset | Ref;

export interface PropertyMap {
  [key: string]: PropertyValue;
}

/** A value that must never be printed; the real one is kept for the verbs that apply it. */
export class Secret {
  constructor(readonly value: PropertyValue) {}
}

/** A value that is known only once something was created. */
export class Unknown {}

export const UNKNOWN = new Unknown();

/** A file, text or archive that is sent along with a resource. */
export class Asset {
  constructor(
    readonly kind: "asset" | "archive",
    readonly content: PropertyMap,
  ) {}
}

/** A whole resource given as an input. An empty id stands for one that is not known yet. */
export class Ref {
  constructor(
    readonly urn: string,
    readonly id: string | undefined,
  ) {}
}

/** The signatures of the wire format; a test compares them with the SDK's own. */
export const WIRE = {
  unknown: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  key: "4dabf18193072939515e22adb298388d",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  secret: "1b47061264138c4ac30d75fd1eb44270",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;

/** A JSON value that may hold signatures. */
type WireValue = null | boolean | number | string | WireValue[] | WireMap;

interface WireMap {
  [key: string]: WireValue;
}

/** The values of a wire struct (`Struct.toJavaScript()`). */
export function unmarshalMap(wire: object): PropertyMap {
  const map: PropertyMap = {};
  for (const [key, value] of Object.entries(wire)) map[key] = unmarshal(value);
  return map;
}

function unmarshal(wire: unknown): PropertyValue {
  switch (typeof wire) {
    case "string":
      return wire === WIRE.unknown ? UNKNOWN : wire;
    case "boolean":
    case "number":
      return wire;
    case "object":
      if (wire === null) return null;
      if (Array.isArray(wire)) return wire.map(unmarshal);
      return WIRE.key in wire ? unmarshalSigned({ ...wire }) : unmarshalMap(wire);
    default:
      throw new Error(`a property is a ${typeof wire}, which Pulumi never sends`);
  }
}

function unmarshalSigned(wire: Record<string, unknown>): PropertyValue {
  const { [WIRE.key]: signature, ...rest } = wire;
  switch (signature) {
    case WIRE.secret:
      return new Secret(unmarshal(rest.value ?? null));
    case WIRE.asset:
      return new Asset("asset", unmarshalMap(rest));
    case WIRE.archive:
      return new Asset("archive", unmarshalMap(rest));
    case WIRE.resource: {
      const id = typeof rest.id === "string" && rest.id !== WIRE.unknown ? rest.id : "";
      return new Ref(String(rest.urn), id === "" ? undefined : id);
    }
    case WIRE.output: {
      const value = rest.value === undefined ? UNKNOWN : unmarshal(rest.value);
      return rest.secret === true ? new Secret(value) : value;
    }
    default:
      throw new Error(`a property has the signature ${String(signature)}, which is not known here`);
  }
}

/** The inverse of `unmarshalMap`, for `Struct.fromJavaScript()`. */
export function marshalMap(map: PropertyMap): WireMap {
  const wire: WireMap = {};
  for (const [key, value] of Object.entries(map)) wire[key] = marshal(value);
  return wire;
}

function marshal(value: PropertyValue): WireValue {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(marshal);
  if (value instanceof Unknown) return WIRE.unknown;
  if (value instanceof Secret) return { [WIRE.key]: WIRE.secret, value: marshal(value.value) };
  if (value instanceof Asset) return { [WIRE.key]: WIRE[value.kind], ...marshalMap(value.content) };
  if (value instanceof Ref) {
    return { [WIRE.key]: WIRE.resource, urn: value.urn, id: value.id ?? WIRE.unknown };
  }
  return marshalMap(value);
}
