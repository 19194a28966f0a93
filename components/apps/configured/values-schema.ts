import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import type { Ajv, ErrorObject, Options } from "ajv";
import { renderFound } from "../../shared/problem";
import { isRecord } from "./objects";

export interface ValueProblem {
  readonly path: readonly string[];
  readonly found: string;
  readonly accepted: string;
}

/** What a chart's own schema says against values; nothing where it has none, or one that nobody can read. */
export function validateValues(chart: string, values: object): ValueProblem[] {
  const file = path.join(chart, "values.schema.json");
  if (!fs.existsSync(file)) return [];
  const validate = compile(fs.readFileSync(file, "utf8"));
  if (validate === undefined || validate(values)) return [];
  const errors = validate.errors ?? [];
  // A variant that does not fit is listed again as a whole.
  const leaves = errors.filter(
    ({ keyword }) => !["anyOf", "oneOf", "allOf", "if"].includes(keyword),
  );
  return (leaves.length > 0 ? leaves : errors).map((error) => renderError(error, values));
}

/** Helm looks at the schema again; one that refers to another place, or is of a form that is not known, is left to it. */
function compile(text: string): ReturnType<Ajv["compile"]> | undefined {
  try {
    const schema: unknown = JSON.parse(text);
    if (!isRecord(schema)) return undefined;
    // Drafts later than 7 name themselves, and differ in what no chart here uses.
    const rest = Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$schema"));
    const options: Options = {
      allErrors: true,
      strict: false,
      logger: false,
      validateFormats: false,
    };
    return new (loadAjv())(options).compile(rest);
  } catch {
    return undefined;
  }
}

/** Only a stack with such a chart loads it. */
function loadAjv(): typeof Ajv {
  const module: unknown = createRequire(__filename)("ajv");
  if (!isAjv(module)) throw new Error("the package ajv is not what was expected");
  return module.Ajv;
}

const isAjv = (module: unknown): module is { readonly Ajv: typeof Ajv } =>
  typeof module === "function" && typeof Reflect.get(module, "Ajv") === "function";

function renderError(error: ErrorObject, values: object): ValueProblem {
  const at = error.instancePath.split("/").slice(1).map(unescape_);
  const params: Readonly<Record<string, unknown>> = error.params;
  const extra = params.additionalProperty;
  if (typeof extra === "string") {
    return { path: [...at, extra], found: "a key that the chart does not know", accepted: "none" };
  }
  const value = at.reduce<unknown>(
    (found, key) => (isRecord(found) || Array.isArray(found) ? Reflect.get(found, key) : undefined),
    values,
  );
  return { path: at, found: renderFound(value), accepted: renderAccepted(error, params) };
}

function renderAccepted(error: ErrorObject, params: Readonly<Record<string, unknown>>): string {
  const { allowedValues, missingProperty, type } = params;
  if (Array.isArray(allowedValues)) return `one of ${allowedValues.map(String).join(", ")}`;
  if (typeof missingProperty === "string") return `a map with ${missingProperty}`;
  if (type !== undefined) return `the type ${[type].flat().map(String).join(" or ")}`;
  return `what the chart's schema says: ${error.message ?? error.keyword}`;
}

/** JSON Pointer's own marks (RFC 6901). */
const unescape_ = (key: string): string => key.replaceAll("~1", "/").replaceAll("~0", "~");
