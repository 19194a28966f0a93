import { isMap, LineCounter } from "yaml";
import { z } from "zod";
import { readDocuments } from "./read-yaml";

/** An object as a file writes it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** An object, and where it stands. */
export interface SourceObject {
  readonly object: KubeObject;
  /** "apps/notes/notes.yaml line 12". */
  readonly where: string;
}

/** What is wrong with an object, in words for the person who wrote it. */
export interface Finding {
  readonly where: string;
  readonly found: string;
  readonly accepted: string;
}

export interface Reading {
  readonly objects: readonly SourceObject[];
  readonly findings: readonly Finding[];
}

const kubeObject: z.ZodType<KubeObject> = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  metadata: z.looseObject({
    name: z.string().min(1),
    namespace: z.string().optional(),
  }),
});

const list = z.looseObject({ kind: z.string().endsWith("List"), items: z.array(z.unknown()) });

const FORM =
  "an object with apiVersion, kind and metadata.name, each a text: y, no, on and numbers are in quotes";

/** The objects of a text with YAML documents; `file` is what messages call it. */
export function readObjects(text: string, file: string): Reading {
  const lines = new LineCounter();
  const readings = readDocuments(text, lines).map((document): Reading => {
    const [error] = document.errors;
    const line = lines.linePos(firstOf(document.contents) ?? document.range[0]).line;
    const where = `${file} line ${line}`;
    if (error !== undefined) {
      const at = `${file} line ${lines.linePos(error.pos[0]).line}`;
      const found = error.message.split("\n")[0] ?? "";
      return { objects: [], findings: [{ where: at, found, accepted: "YAML" }] };
    }
    return readValue(document.toJS({ maxAliasCount: 1000 }), where);
  });
  return merge(readings);
}

function firstOf(contents: unknown): number | undefined {
  return isMap(contents) ? contents.range?.[0] : undefined;
}

function readValue(value: unknown, where: string): Reading {
  if (value === null || value === undefined) return { objects: [], findings: [] };
  const items = list.safeParse(value);
  if (items.success) return merge(items.data.items.map((item) => readValue(item, where)));
  const parsed = kubeObject.safeParse(value);
  if (parsed.success) return { objects: [{ object: parsed.data, where }], findings: [] };
  const missing = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
  return {
    objects: [],
    findings: [{ where, found: `a document without a text in ${missing}`, accepted: FORM }],
  };
}

export function merge(readings: readonly Reading[]): Reading {
  return {
    objects: readings.flatMap(({ objects }) => objects),
    findings: readings.flatMap(({ findings }) => findings),
  };
}

/** What findings call an object: "Deployment notes". */
export function describe({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The map below some keys; an empty one where there is none. */
export function mapAt(
  value: unknown,
  ...keys: readonly string[]
): Readonly<Record<string, unknown>> {
  const found = keys.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), value);
  return isRecord(found) ? found : {};
}

/** The maps in the list at a key. */
export function listAt(value: unknown, key: string): Readonly<Record<string, unknown>>[] {
  const found = isRecord(value) ? value[key] : undefined;
  return Array.isArray(found) ? found.filter(isRecord) : [];
}

export function textAt(value: unknown, key: string): string | undefined {
  const found = isRecord(value) ? value[key] : undefined;
  return typeof found === "string" ? found : undefined;
}
