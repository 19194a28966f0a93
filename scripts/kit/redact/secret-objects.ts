import { REDACTED } from "./patterns";

/** The data of Kubernetes' Secret objects taken out: of JSON documents, JSON within text, and YAML documents. */
export function redactSecretObjects(text: string): string {
  const document = parseJson(text);
  if (document !== undefined) return `${JSON.stringify(redactValue(document), null, 2)}\n`;
  return redactInlineJson(redactYaml(text));
}

function parseJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text) || !/"Secret(List)?"/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function redactValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== "object" || value === null) {
    return typeof value === "string" ? redactInlineJson(value) : value;
  }
  const entries = Object.entries(value);
  const isSecret = entries.some(([key, kind]) => key === "kind" && kind === "Secret");
  return Object.fromEntries(
    entries.map(([key, inner]) => [
      key,
      isSecret && /^(data|stringData)$/.test(key) ? hide(inner) : redactValue(inner),
    ]),
  );
}

function hide(data: unknown): unknown {
  if (typeof data !== "object" || data === null) return REDACTED;
  return Object.fromEntries(Object.keys(data).map((key) => [key, REDACTED]));
}

const INLINE_SECRET = /\\?"kind\\?"\s*:\s*\\?"Secret\\?"/;

/** One line of JSON, as the annotation last-applied-configuration holds it, its quotes escaped or not. */
function redactInlineJson(text: string): string {
  if (!INLINE_SECRET.test(text)) return text;
  return text.replace(
    /(\\?"(?:data|stringData)\\?"\s*:\s*\{)[^}]*\}/g,
    (_, head: string) => `${head}${REDACTED}}`,
  );
}

function redactYaml(text: string): string {
  if (!/^\s*(- )?kind:\s*Secret\s*$/m.test(text)) return text;
  return text
    .split(/^(?=---)/m)
    .map((document) =>
      /^\s*(- )?kind:\s*Secret\s*$/m.test(document) ? redactYamlData(document) : document,
    )
    .join("");
}

/** Each value below data: and stringData: goes, with the lines that it runs over. */
function redactYamlData(document: string): string {
  let inside: number | undefined;
  let keys: number | undefined;
  return document
    .split("\n")
    .flatMap((line) => {
      const indent = line.search(/\S/);
      if (inside !== undefined && indent > inside) {
        keys ??= indent;
        const key = /^(\s*[^\s:][^:]*:)/.exec(line)?.[1];
        return indent === keys && key !== undefined ? [`${key} ${REDACTED}`] : [];
      }
      if (indent < 0) return [line];
      const opens = /^(\s*(?:- )?)(data|stringData):/.exec(line);
      inside = opens === null ? undefined : (opens[1] ?? "").length;
      keys = undefined;
      return opens !== null && line.includes("{") ? [`${opens[0]} ${REDACTED}`] : [line];
    })
    .join("\n");
}
