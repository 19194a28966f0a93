/**
 * Splits a command line into words as a POSIX shell would, quotes and backslashes included.
 * Pulumi reads `nodeargs` of Pulumi.yaml in this way.
 */
export function parseShellWords(line: string): string[] {
  const words: string[] = [];
  const pattern = /\s+|'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^\s'"\\]+)|(.)/gsu;
  let word: string | undefined;
  for (const [match, single, double, escaped, plain, stray] of line.matchAll(pattern)) {
    if (stray !== undefined) throw new Error(`unfinished quoting in ${JSON.stringify(line)}`);
    if (/^\s+$/u.test(match)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      const unquoted = double?.replaceAll(/\\(["\\$`])/gu, "$1");
      word = (word ?? "") + (single ?? unquoted ?? escaped ?? plain ?? "");
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
