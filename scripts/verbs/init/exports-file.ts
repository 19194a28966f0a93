/** What exportfs knows; at any other word it stops. */
const FLAGS =
  /^(?:ro|rw|(?:a?sync)|(?:in)?secure(?:_locks)?|(?:no_)?(?:root_squash|all_squash|subtree_check|wdelay|auth_nlm|acl|pnfs|security_label)|(?:no)?(?:hide|crossmnt)|mountpoint|mp)$/;
const VALUES =
  /^(?:anonuid|anongid|squash_uids|squash_gids|fsid|mountpoint|mp|refer|replicas|sec|xprtsec)=/;

/** One client of one folder, as /etc/exports has it. */
export interface FoundExport {
  readonly folder: string;
  /** An address, a network, a name, a pattern or "@netgroup"; "*" where everybody may mount it. */
  readonly client: string;
  readonly isWritable: boolean;
  readonly options: readonly string[];
}

/** What a file of exports(5) says, and what in it stops exportfs from reading the rest. */
export interface ReadExports {
  readonly exports: readonly FoundExport[];
  readonly problem: string | undefined;
}

/**
 * A file that exportfs reads: a backslash at a line's end joins the next one, quotation marks keep blanks, \040 is one,
 * and "-OPTIONS" hold for the clients behind them. At a mistake exportfs stops, and so does this.
 */
export function parseExports(lines: readonly string[]): ReadExports {
  const exports: FoundExport[] = [];
  for (const line of joinLines(lines)) {
    const problem = readLine(line, exports);
    if (problem !== undefined) return { exports, problem: `${problem}: ${line.trim()}` };
  }
  return { exports, problem: undefined };
}

/** A comment ends with its line, whatever stands there at the end. */
function joinLines(lines: readonly string[]): string[] {
  const joined: string[] = [];
  let before = "";
  for (const line of lines) {
    const text = withoutComment(before + line);
    const isOpen = text === before + line && text.endsWith("\\");
    if (!isOpen) joined.push(text);
    before = isOpen ? `${text.slice(0, -1)} ` : "";
  }
  return before === "" ? joined : [...joined, before];
}

/** From the first # on that begins a word. */
function withoutComment(text: string): string {
  const [kept = ""] = /^(?:\s*(?!#)(?:"[^"]*(?:"|$)|[^"\s])+)*\s*/.exec(text) ?? [];
  return kept;
}

/** Adds the line's clients; says what is wrong with the first that cannot be read. */
function readLine(line: string, exports: FoundExport[]): string | undefined {
  if (line.includes("\\\r")) return "a carriage return follows a backslash (Windows line ends)";
  const words = splitWords(line);
  if (words === undefined) return "a quotation mark is not closed";
  const [folder, ...clients] = words;
  if (folder === undefined) {
    return line.includes("\r") ? "an empty line has a Windows line end" : undefined;
  }
  if (clients.at(-1)?.startsWith("-") === true) return "options are followed by no client";
  let defaults: string[] = [];
  const before = exports.length;
  for (const word of clients) {
    const [whole, client = "", own = ""] = /^([^(]*)(?:\(([^()]*)\))?$/.exec(word) ?? [];
    if (whole === undefined) return "its options are not understood";
    const isDefault = word.startsWith("-");
    const options = splitOptions(isDefault ? word.slice(1) : own);
    const stranger = options.find((option) => !FLAGS.test(option) && !VALUES.test(option));
    if (stranger !== undefined) return `there is no option ${stranger}`;
    if (isDefault) defaults = [...defaults, ...options];
    else exports.push(exportOf(folder, client, [...defaults, ...options]));
  }
  if (exports.length === before) exports.push(exportOf(folder, "", defaults));
  return undefined;
}

function exportOf(folder: string, client: string, options: string[]): FoundExport {
  // Of two options that contradict each other the last one applies.
  const last = options.findLast((option) => option === "rw" || option === "ro");
  return { folder, client: client === "" ? "*" : client, isWritable: last === "rw", options };
}

function splitOptions(text: string): string[] {
  return text.split(",").filter((option) => option !== "");
}

/** Words between blanks, with what is quoted in one; undefined where a quotation mark is not closed. */
function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word = "";
  let isQuoted = false;
  const finish = (): void => {
    if (word !== "") words.push(unescape(word));
    word = "";
  };
  for (const char of line) {
    if (char === '"') isQuoted = !isQuoted;
    else if (isQuoted) word += char;
    else if (/\s/.test(char)) finish();
    else word += char;
  }
  finish();
  return isQuoted ? undefined : words;
}

function unescape(word: string): string {
  return word.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
