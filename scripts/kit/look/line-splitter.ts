/** Makes lines of text that arrives in pieces; bytes that are no UTF-8 are replaced. */
export class LineSplitter {
  private readonly decoder = new TextDecoder();
  private rest = "";

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Uint8Array): void {
    const lines = (this.rest + this.decoder.decode(chunk, { stream: true })).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.onLine(line);
  }

  /** What was left without an end of line. */
  end(): void {
    if (this.rest !== "") this.onLine(this.rest);
    this.rest = "";
  }
}
