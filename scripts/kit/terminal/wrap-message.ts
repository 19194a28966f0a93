import type { Style } from "./style";

/** A command that may be copied: its line is never broken. */
const COMMAND = /\bnpx vmstation |\bnpm run |\bkubectl (-n \S+ )?exec |^ *export /;

/**
 * A message as lines that fit the terminal, broken between words. A line that has a command stays whole where it ends
 * with it; what stands before the command goes to a line of its own.
 */
export function wrapMessage(message: string, style: Style): string {
  return message
    .split("\n")
    .flatMap((line) => wrapLine(line, style))
    .join("\n");
}

function wrapLine(line: string, style: Style): string[] {
  if (style.fits(line)) return [line];
  const indent = /^ */.exec(line)?.[0] ?? "";
  const at = COMMAND.exec(line)?.index;
  if (at === undefined) return style.hang(indent, line);
  const before = line.slice(0, at).trim();
  const command = `${indent}  ${line.slice(at).trim()}`;
  return before === "" ? [line] : [...style.hang(indent, before), command];
}
