import { z } from "zod";

/** What a schema accepts, with an example in YAML; `expected` is zod's name for the kind of value. */
export function describeAccepted(schema: unknown, expected: string): string | undefined {
  if (expected === "boolean") return "true or false";
  if (!(schema instanceof z.ZodType)) return undefined;
  const example = exampleOf(schema);
  switch (expected) {
    case "array":
      return `a list such as ${example}`;
    case "record":
    case "object":
      return `a map such as ${example}`;
    case "string":
      return ownWords(schema) ?? "a text";
    case "int":
    case "number":
      return describeNumber(schema);
    default:
      return undefined;
  }
}

/** A list that is too short, with an example of one that is not. */
export function describeLonger(schema: unknown, minimum: number | bigint): string {
  const count = `a list with at least ${minimum} item${minimum === 1 ? "" : "s"}`;
  return schema instanceof z.ZodType ? `${count}, such as ${exampleOf(schema)}` : count;
}

const DEPTH = 2;

/** Of a map the keys that it has to have, or else its first one. */
function exampleOf(schema: z.core.$ZodType, depth = 0): string {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault) {
    const written: unknown = schema.def.defaultValue;
    return isEmpty(written) ? exampleOf(schema.def.innerType, depth) : renderFlow(written);
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return exampleOf(schema.def.innerType, depth);
  if (schema instanceof z.ZodPipe) return ownExample(schema) ?? exampleOf(schema.def.in, depth);
  if (schema instanceof z.ZodArray) return `[${exampleOf(schema.def.element, depth)}]`;
  if (schema instanceof z.ZodRecord) {
    const key = ownExample(schema.def.keyType) ?? "NAME";
    return depth >= DEPTH ? "{ … }" : `{ ${key}: ${exampleOf(schema.def.valueType, depth + 1)} }`;
  }
  if (schema instanceof z.ZodObject) return depth >= DEPTH ? "{ … }" : exampleOfMap(schema, depth);
  if (schema instanceof z.ZodUnion) return exampleOfFirst(schema.def.options, depth);
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral)
    return renderFlow(
      [...Object.values(schema instanceof z.ZodEnum ? schema.enum : schema.def.values)][0],
    );
  if (schema instanceof z.ZodBoolean) return "true";
  if (schema instanceof z.ZodNumber) return String(Math.max(schema.minValue ?? 1, 1));
  return ownExample(schema) ?? "…";
}

function exampleOfFirst(options: readonly z.core.$ZodType[], depth: number): string {
  const [first] = options;
  return first === undefined ? "…" : exampleOf(first, depth);
}

function exampleOfMap({ shape }: z.ZodObject, depth: number): string {
  const keys = Object.entries<z.core.$ZodType>(shape);
  const needed = keys.filter(([, schema]) => !z.safeParse(schema, undefined).success);
  const shown = needed.length > 0 ? needed : keys.slice(0, 1);
  if (shown.length === 0) return "{}";
  return `{ ${shown.map(([key, schema]) => `${key}: ${exampleOf(schema, depth + 1)}`).join(", ")} }`;
}

const NONSENSE = "\u0000";

/** A schema's own error for a text that nothing accepts, where it has one: "a duration such as 15m or 2h". */
function ownWords(schema: z.core.$ZodType): string | undefined {
  const { error } = z.safeParse(schema, NONSENSE);
  const [issue] = error?.issues ?? [];
  const isOwn = issue !== undefined && !/^(Invalid|Too|Unrecognized)/.test(issue.message);
  return isOwn ? issue.message : undefined;
}

/** "15m" of "a duration such as 15m or 2h". */
function ownExample(schema: z.core.$ZodType): string | undefined {
  return /such as ([^\s,;()]*[^\s,;():])/.exec(ownWords(schema) ?? "")?.[1];
}

function describeNumber(schema: z.ZodType): string {
  if (!(schema instanceof z.ZodNumber)) return "a number";
  return `${schema.format !== null ? "a whole number" : "a number"}${between(schema)}`;
}

function between({ minValue, maxValue }: z.ZodNumber): string {
  const isSet = (bound: number | null): bound is number =>
    bound !== null && Number.isFinite(bound) && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (isSet(minValue) && isSet(maxValue)) return ` from ${minValue} to ${maxValue}`;
  if (isSet(minValue)) return `, ${minValue} or more`;
  return isSet(maxValue) ? `, ${maxValue} at most` : "";
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** A value in YAML's flow style, without the quotes that it does not need. */
function renderFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(renderFlow).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, each]) => `${key}: ${renderFlow(each)}`)
      .join(", ")} }`;
  if (typeof value === "string" && /^[A-Za-z/][\w./:-]*$|^\d+[a-zA-Z]+$/.test(value)) return value;
  return JSON.stringify(value);
}
