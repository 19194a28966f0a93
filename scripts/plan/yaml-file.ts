import { LineCounter, parseDocument, type YAMLError } from "yaml";
import { EXIT, UserError } from "../user-error";

/**
 * Integers with a leading zero are octal for the Pulumi CLI (its YAML library follows 1.1 there),
 * so a file mode of 0644 must not become 644 here.
 */
const LEGACY_OCTAL = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  format: "OCT",
  test: /^[-+]?0[0-7]+$/,
  resolve: (text: string): number => Number.parseInt(text, 8),
} as const;

/** Parses a YAML file; every mistake is reported with its line, in one error. */
export function parseYamlFile(file: string, text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    customTags: (tags) => [LEGACY_OCTAL, ...tags],
  });
  if (document.errors.length > 0) {
    const errors = document.errors.map((error) => {
      const line = String(lines.linePos(error.pos[0]).line);
      return `${file}:${line}: ${explain(error, text)}`;
    });
    throw new UserError(errors.join("\n"), EXIT.fail);
  }
  return document.toJS();
}

function explain(error: YAMLError, text: string): string {
  if (error.code !== "DUPLICATE_KEY") return error.message;
  const key = /^[^\n:]*/u.exec(text.slice(error.pos[0]))?.[0].trim() ?? "";
  return `the key ${JSON.stringify(key)} appears twice in the same map`;
}
