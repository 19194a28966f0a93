/** The checkout that is released from. */
export class Repository {
  constructor(readonly root: string) {}

  async git(...words: string[]): Promise<string> {
    const { execa } = await import("execa");
    const { stdout } = await execa("git", ["-C", this.root, ...words], { env: { LC_ALL: "C" } });
    return stdout.trimEnd();
  }

  async branch(): Promise<string> {
    return this.git("rev-parse", "--abbrev-ref", "HEAD");
  }

  async changed(): Promise<string[]> {
    return linesOf(await this.git("status", "--porcelain"));
  }

  /** Tags of releases, the newest version first. */
  async releases(): Promise<string[]> {
    return linesOf(await this.git("tag", "--list", "v[0-9]*", "--sort=-version:refname"));
  }

  /** First lines of the commits since a tag, the oldest first; of all where there is none. */
  async titlesSince(tag: string | undefined): Promise<string[]> {
    const range = tag === undefined ? "HEAD" : `${tag}..HEAD`;
    return linesOf(await this.git("log", "--reverse", "--no-merges", "--format=%s", range));
  }

  async commitOf(tag: string): Promise<string> {
    return this.git("rev-parse", `${tag}^{commit}`);
  }
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
