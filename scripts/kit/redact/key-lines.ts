import { REDACTED } from "./patterns";

const BEGIN = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;
const END = /-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;
/** A key's inner line, whatever a log has put before it; an encrypted one also has headers and an empty line. */
const INNER = /(^|[^A-Za-z0-9+/=])[A-Za-z0-9+/]{8,}={0,2}\s*$|(Proc-Type|DEK-Info):|[:\s]\s*$|^$/;

/** Takes private keys out of text that comes line by line, of those that are cut off as well. */
export class KeyLines {
  private inside = false;

  /** The line without the key; undefined where all of it is key. */
  redact(line: string): string | undefined {
    if (this.inside) {
      if (END.test(line)) {
        this.inside = false;
        return undefined;
      }
      if (INNER.test(line)) return undefined;
      this.inside = false;
    }
    const begin = BEGIN.exec(line);
    if (begin === null) return line;
    this.inside = !END.test(line) && !line.slice(begin.index).includes("\\n");
    return `${line.slice(0, begin.index)}${REDACTED}`;
  }
}
