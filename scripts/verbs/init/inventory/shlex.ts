/**
 * The words of a host line as Ansible has them, by shlex's POSIX rules: quotation marks of both kinds, a
 * backslash before a character, and a comment from any # on that is not quoted, also inside of a word.
 * Undefined where a quotation mark or a backslash stands alone.
 */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === "#") break;
    if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "\\") {
      at++;
      if (at >= line.length) return undefined;
      word = `${word ?? ""}${line.charAt(at)}`;
    } else if (char === '"' || char === "'") {
      const quoted = readQuoted(line, at);
      if (quoted === undefined) return undefined;
      word = `${word ?? ""}${quoted.text}`;
      at = quoted.end;
    } else {
      word = `${word ?? ""}${char}`;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** What stands between two quotation marks, and where the second one is. */
function readQuoted(line: string, start: number): { text: string; end: number } | undefined {
  const quote = line.charAt(start);
  let text = "";
  for (let at = start + 1; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === quote) return { text, end: at };
    if (char === "\\" && quote === '"') {
      at++;
      if (at >= line.length) return undefined;
      const next = line.charAt(at);
      // A backslash counts only before a quotation mark and before another backslash.
      text += next === "\\" || next === quote ? next : `\\${next}`;
    } else {
      text += char;
    }
  }
  return undefined;
}
