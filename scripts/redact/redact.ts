import { KeyLines } from "./key-lines";
import { PATTERNS, REDACTED } from "./patterns";
import { redactSecretObjects } from "./secret-objects";

/** A shorter one would take words out of every sentence. */
const SHORTEST = 4;
/** From this length on a secret is found inside of other text as well. */
const LONG = 8;

/** Every form in which a known secret may turn up: as it is, by lines, in base64, in a URL, in JSON. */
export function listForms(secrets: readonly string[]): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    const lines = secret.split("\n").map((line) => line.trim());
    for (const text of [secret, secret.trim(), ...lines.filter((line) => line.length >= LONG)]) {
      if (text.length < SHORTEST) continue;
      forms.add(text);
      forms.add(Buffer.from(text, "utf8").toString("base64"));
      forms.add(encodeURIComponent(text));
      forms.add(JSON.stringify(text).slice(1, -1));
    }
  }
  // The longest first: a secret that holds another goes whole.
  return [...forms].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/**
 * Takes secrets out of text: known ones in every form (see {@link listForms}; a short one only as a word of its own),
 * the data of Kubernetes' Secret objects, and whatever has the shape of a key, a token or a password.
 */
export class Redactor {
  private readonly known: RegExp | undefined;

  constructor(secrets: readonly string[] = []) {
    const forms = listForms(secrets).map((form) =>
      form.length >= LONG ? escape(form) : `(?<![\\w])${escape(form)}(?![\\w])`,
    );
    this.known = forms.length === 0 ? undefined : new RegExp(forms.join("|"), "g");
  }

  redact(text: string): string {
    const known = this.known === undefined ? text : text.replace(this.known, REDACTED);
    return redactShapes(redactKeys(redactSecretObjects(known)));
  }

  /** For text that comes line by line, without its line's end; undefined where nothing of the line is left. */
  redactLine(line: string, keys: KeyLines): string | undefined {
    const known = this.known === undefined ? line : line.replace(this.known, REDACTED);
    const rest = keys.redact(known);
    return rest === undefined ? undefined : redactShapes(redactSecretObjects(rest));
  }
}

function redactKeys(text: string): string {
  if (!text.includes("PRIVATE KEY-----")) return text;
  const keys = new KeyLines();
  return text
    .split("\n")
    .flatMap((line) => keys.redact(line) ?? [])
    .join("\n");
}

function redactShapes(text: string): string {
  return PATTERNS.reduce((rest, { find, replace }) => rest.replace(find, replace), text);
}
