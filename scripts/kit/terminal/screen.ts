/** What is asked of a stream that people may watch. */
export type Watched = Pick<NodeJS.WriteStream, "isTTY" | "columns" | "rows" | "write">;

/** Lines that stay and, on a terminal, lines below them that are drawn again and again. */
export class Screen {
  private live: readonly string[] = [];

  constructor(
    private readonly stream: Watched,
    private readonly env: NodeJS.ProcessEnv = {},
  ) {}

  /** Columns to write in; one is left free, as some terminals break the line in the last one. */
  get width(): number {
    return this.stream.isTTY ? Math.max(this.stream.columns - 1, 40) : 99;
  }

  get height(): number {
    return this.stream.isTTY ? this.stream.rows : 0;
  }

  get isLive(): boolean {
    return this.stream.isTTY && this.env.TERM !== "dumb";
  }

  /** Writes lines that stay, and the live ones below them. */
  draw(lines: readonly string[], live: readonly string[]): void {
    const below = this.isLive ? live : [];
    if (lines.length === 0 && below.join("\n") === this.live.join("\n")) return;
    const up = this.live.length > 0 ? `\x1b[${this.live.length}A\x1b[J` : "";
    this.live = below;
    this.stream.write(up + [...lines, ...below].map((line) => `${line}\n`).join(""));
  }
}
