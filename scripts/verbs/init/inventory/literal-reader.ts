/** The text is no literal of Python's, and so stays text. */
export class NotLiteral extends Error {}

/** A value of one line, read from left to right; blanks and a comment at the end do not count. */
export class LiteralReader {
  /** Whether something in braces may not stand there: that counts only once all of the text is a literal. */
  hasUnhashable = false;
  private at = 0;

  constructor(private readonly text: string) {}

  /** What the pattern (a sticky one) finds here, taken. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    this.skipBlanks();
    return this.matchHere(pattern);
  }

  /** The same without blanks before it. */
  matchHere(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = pattern;
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text);
    if (found === null) return undefined;
    this.at += found[0].length;
    return found;
  }

  /** Whether the word stands here; if so, it is taken. */
  take(word: string): boolean {
    this.skipBlanks();
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  isAtEnd(): boolean {
    this.skipBlanks();
    return this.at >= this.text.length;
  }

  expectEnd(): void {
    if (!this.isAtEnd()) throw new NotLiteral();
  }

  private skipBlanks(): void {
    while (/[ \t]/.test(this.text.charAt(this.at))) this.at++;
    if (this.text.charAt(this.at) === "#") this.at = this.text.length;
  }
}
