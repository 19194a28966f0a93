/** One line on a terminal that says how far each machine is; nothing where nobody watches. */
export class Progress {
  private readonly machines = new Map<string, string>();
  private shown = false;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  set(machine: string, state: string): void {
    if (!this.stream.isTTY) return;
    this.machines.set(machine, state);
    const line = [...this.machines].map(([name, text]) => `${name} ${text}`).join(", ");
    this.stream.write(`\r\x1b[K${line.slice(0, Math.max(this.stream.columns - 1, 20))}`);
    this.shown = true;
  }

  /** Takes the line away, for what is printed next. */
  clear(): void {
    if (this.shown) this.stream.write("\r\x1b[K");
    this.shown = false;
    this.machines.clear();
  }
}
