import { styleText } from "node:util";
import { wrapWords } from "./wrap-words";

/** How text for people is set: colours where they are wanted, lines no longer than the terminal. */
export class Style {
  constructor(
    private readonly colour: boolean,
    private readonly columns: number,
  ) {}

  /** For a stream: colours on a terminal only, and not where NO_COLOR is set (no-color.org). */
  static of(stream: Pick<NodeJS.WriteStream, "isTTY" | "columns">, env: NodeJS.ProcessEnv): Style {
    const colour = stream.isTTY && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
    return new Style(colour, stream.isTTY ? Math.max(stream.columns, 40) : 100);
  }

  /** Whether the text has room in a line. */
  fits(text: string): boolean {
    return text.length <= this.columns;
  }

  bold(text: string): string {
    return this.colour ? styleText("bold", text) : text;
  }

  dim(text: string): string {
    return this.colour ? styleText("dim", text) : text;
  }

  yellow(text: string): string {
    return this.colour ? styleText("yellow", text) : text;
  }

  /**
   * The text as lines that all begin with `prefix`, those after the first with `hanging` as well;
   * words longer than a line stay whole.
   */
  hang(prefix: string, text: string, hanging = ""): string[] {
    const width = this.columns - prefix.length - hanging.length;
    return wrapWords(text, width).map(
      (line, index) => prefix + (index === 0 ? "" : hanging) + line,
    );
  }

  wrap(text: string, indent: number): string {
    return this.hang(" ".repeat(indent), text).join("\n");
  }
}
