import { z } from "zod";

/** The part of JSON Schema that zod writes for our schemas. */
export interface Schema {
  readonly type?: string | undefined;
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly items?: Schema | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly allOf?: readonly Schema[] | undefined;
}

const schemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    type: z.string().optional().catch(undefined),
    description: z.string().optional(),
    default: z.unknown().optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    properties: z.record(z.string(), schemaShape).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), schemaShape]).optional(),
    items: schemaShape.optional(),
    anyOf: z.array(schemaShape).optional(),
    oneOf: z.array(schemaShape).optional(),
    allOf: z.array(schemaShape).optional(),
  }),
);

/** One key, as documents and `vmstation config` show it. */
export interface Row {
  /** "reserves.system.cpu"; NAME stands for a key that the user chooses. */
  readonly key: string;
  /** What is accepted, and the default: Markdown. */
  readonly value: string;
  readonly about: string;
  /** "text", "list of text", "map". */
  readonly kind: string;
  /** Whether it has to be there wherever the map that holds it is. */
  readonly required: boolean;
}

/** A zod schema as JSON Schema. */
export function readSchema(schema: z.ZodType): Schema {
  return schemaShape.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
}

/** Every key below a schema, in the order in which they are declared. */
export function listRows(prefix: string, schema: Schema): Row[] {
  const variants = schema.oneOf ?? schema.anyOf ?? schema.allOf ?? [];
  if (variants.some((variant) => variant.properties !== undefined)) {
    const rows = variants.flatMap((variant) => listRows(prefix, variant));
    return [...new Map(mergeConstants(rows).map((row) => [row.key, row])).values()];
  }
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const key = prefix === "" ? name : `${prefix}.${name}`;
    const required = schema.required?.includes(name) ?? false;
    return [...leaf(key, property, required), ...listRows(key, property)];
  });
  return [...own, ...entriesOf(prefix, schema)];
}

/** Maps and lists: the keys that the user chooses, and what stands below them. */
function entriesOf(prefix: string, schema: Schema): Row[] {
  const { additionalProperties, items } = schema;
  if (typeof additionalProperties === "object") {
    const key = prefix === "" ? "NAME" : `${prefix}.NAME`;
    const chosen = leaf(key, additionalProperties, true).map((row) => ({
      ...row,
      required: false,
    }));
    return [...chosen, ...listRows(key, additionalProperties)];
  }
  return items === undefined ? [] : listRows(`${prefix}[]`, items);
}

/** The values of a discriminator, each variant's own, as one row. */
function mergeConstants(rows: readonly Row[]): Row[] {
  const merged = new Map<string, Row>();
  for (const row of rows) {
    const known = merged.get(row.key);
    const differs = known !== undefined && known.value !== row.value;
    const value =
      differs && !known.value.includes(row.value) ? `${known.value}, ${row.value}` : row.value;
    merged.set(row.key, { ...row, value: known === undefined || differs ? value : known.value });
  }
  return [...merged.values()];
}

function leaf(key: string, schema: Schema, required: boolean): Row[] {
  const holdsKeys = schema.properties !== undefined && schema.description === undefined;
  if (holdsKeys) return [];
  const about = schema.description ?? "";
  return [{ key, value: renderValue(schema, required), about, kind: kindOf(schema), required }];
}

const KINDS: Readonly<Record<string, string>> = {
  ...{ string: "text", integer: "number", boolean: "", array: "list", object: "map" },
};

function kindOf(schema: Schema): string {
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants !== undefined)
    return [...new Set(variants.map(kindOf))].filter((kind) => kind !== "").join(" or ");
  if (schema.type === undefined) return schema.enum === undefined ? "" : "text";
  const kind = KINDS[schema.type] ?? schema.type;
  const of = schema.items === undefined ? "" : kindOf(schema.items);
  return of === "" ? kind : `${kind} of ${of}`;
}

function renderValue(schema: Schema, required: boolean): string {
  const { default: fallback } = schema;
  const accepted = renderAccepted(schema);
  if (fallback !== undefined && !isEmpty(fallback)) {
    return `${accepted === "" ? "" : `${accepted}; `}default \`${JSON.stringify(fallback)}\``;
  }
  return [accepted, required ? "" : "optional"].filter((s) => s !== "").join("; ");
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function renderAccepted(schema: Schema): string {
  if (schema.const !== undefined) return renderLiteral(schema.const);
  if (schema.enum) return schema.enum.map(renderLiteral).join(", ");
  if (schema.items?.enum) return `list of ${renderAccepted(schema.items)}`;
  return schema.type === "boolean" ? "true or false" : "";
}

function renderLiteral(value: unknown): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}
