/** What one step's check did. */
export interface Frame {
  readonly index: number;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Header {
  readonly index: number;
  readonly code: number;
  readonly out: number;
  readonly err: number;
}

const NEWLINE = 0x0a;

/** Bytes that one step may print; no check or report comes near it. */
const LONGEST_FRAME = 64 << 20;

/**
 * Reads what the driver prints, as it arrives. Each step's output comes behind a line that says how long it is,
 * so no output can be mistaken for such a line. What a login prints before the first one is ignored.
 */
export class FrameReader {
  /** Whether the driver has begun: the connection and sudo work. */
  ready = false;
  /** Whether it came to its end. */
  ended = false;
  /** Why nothing more is read: what came is none of the driver's. Other machines are read anyway. */
  broken: string | undefined;
  readonly frames: Frame[] = [];
  private rest: Buffer = Buffer.alloc(0);
  private header: Header | undefined;

  constructor(readonly token: string) {}

  push(chunk: Uint8Array): void {
    if (this.broken !== undefined) return;
    this.rest = Buffer.concat([this.rest, chunk]);
    if (this.rest.length > LONGEST_FRAME)
      this.stop(`more than ${LONGEST_FRAME >> 20} MiB of output`);
    while (this.header === undefined ? this.takeLine() : this.takeBody(this.header));
  }

  private stop(why: string): void {
    this.broken = why;
    this.rest = Buffer.alloc(0);
    this.header = undefined;
  }

  private takeLine(): boolean {
    const end = this.rest.indexOf(NEWLINE);
    if (end < 0) return false;
    const line = this.rest.toString("latin1", 0, end);
    this.rest = this.rest.subarray(end + 1);
    const [token, ...words] = line.split(" ");
    if (token === this.token) this.readLine(words);
    return true;
  }

  private readLine(words: readonly string[]): void {
    const [first = ""] = words;
    if (first === "ready") this.ready = true;
    else if (first === "end") this.ended = true;
    else {
      const [index = NaN, code = NaN, out = NaN, err = NaN] = words.map(Number);
      // For example, /run is full on the machine and a step's output could not be stored.
      if (words.length !== 4 || ![index, code, out, err].every(Number.isSafeInteger))
        this.stop(`no numbers of an answer, but "${words.join(" ").slice(0, 80)}"`);
      else this.header = { index, code, out, err };
    }
  }

  private takeBody({ index, code, out, err }: Header): boolean {
    if (this.rest.length < out + err) return false;
    const stdout = this.rest.toString("utf8", 0, out);
    const stderr = this.rest.toString("utf8", out, out + err);
    this.frames.push({ index, code, stdout, stderr });
    this.rest = this.rest.subarray(out + err);
    this.header = undefined;
    return true;
  }
}
