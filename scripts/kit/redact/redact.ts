import { KeyLines } from "./key-lines";
import { KnownSecrets } from "./known";
import { PATTERNS, REDACTED } from "./patterns";
import { redactSecretObjects } from "./secret-objects";

/**
 * Takes secrets out of text: known ones in every encoding (see {@link KnownSecrets}; a short one only as a word of its
 * own), the data of Kubernetes' Secret objects, and whatever has the shape of a key, a token or a password.
 */
export class Redactor {
  private readonly known: KnownSecrets;

  constructor(secrets: readonly string[] = []) {
    this.known = new KnownSecrets(secrets);
  }

  redact(text: string): string {
    const known = this.known.redact(text, REDACTED);
    return redactShapes(redactKeys(redactSecretObjects(known)));
  }

  /** For text that comes line by line, without its line's end; undefined where nothing of the line is left. */
  redactLine(line: string, keys: KeyLines): string | undefined {
    const rest = keys.redact(this.known.redact(line, REDACTED));
    return rest === undefined ? undefined : redactShapes(redactSecretObjects(rest));
  }
}

function redactKeys(text: string): string {
  if (!/PRIVATE KEY(?: BLOCK)?-----/.test(text)) return text;
  const keys = new KeyLines();
  return text
    .split("\n")
    .flatMap((line) => keys.redact(line) ?? [])
    .join("\n");
}

function redactShapes(text: string): string {
  return PATTERNS.reduce((rest, { find, replace }) => rest.replace(find, replace), text);
}
