/** Options as commander parsed them, read by name and type. */
export class Options {
  private readonly values: Map<string, unknown>;

  constructor(input: unknown) {
    const isMap = typeof input === "object" && input !== null;
    this.values = new Map(isMap ? Object.entries(input) : []);
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw new Error(`the option ${name} is missing`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  flag(name: string): boolean {
    return this.values.get(name) === true;
  }

  list(name: string): string[] {
    const value = this.values.get(name);
    return Array.isArray(value) ? value.map(String) : [];
  }
}
