import { UserError } from "../../kit/user-error";

/** What is checked out. */
export interface Checkout {
  /** 40 hexadecimal digits. */
  readonly commit: string;
  /** Files that differ from the commit, untracked ones included. */
  readonly changed: readonly string[];
  /** Tags of the commit. */
  readonly tags: readonly string[];
}

/** The git repository that a project is in. Only asks; changes nothing. */
export class Repository {
  constructor(private readonly folder: string) {}

  async checkout(): Promise<Checkout> {
    const commit = await this.git("rev-parse", "--verify", "HEAD^{commit}");
    const status = await this.git("status", "--porcelain=v1", "-z");
    const tags = await this.git("tag", "--points-at", "HEAD");
    return { commit, changed: parseStatus(status), tags: tags.split("\n").filter(Boolean) };
  }

  async commitOfTag(tag: string): Promise<string> {
    try {
      return await this.git("rev-parse", "--verify", "--quiet", `refs/tags/${tag}^{commit}`);
    } catch {
      throw new UserError(
        `This repository has no tag ${tag}. List its tags: git tag. Get new ones: git fetch --tags.`,
      );
    }
  }

  private async git(...args: string[]): Promise<string> {
    const { execa } = await import("execa");
    const ran = await execa("git", ["-C", this.folder, ...args], {
      ...{ reject: false, stripFinalNewline: true, env: { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" } },
    });
    if (ran.exitCode === 0) return ran.stdout;
    if (ran.code === "ENOENT") throw new UserError("The program git is missing on this computer.");
    throw new UserError(`${this.folder} is not a git checkout with a commit: ${ran.stderr.trim()}`);
  }
}

/** The paths in `git status --porcelain=v1 -z`; of a renamed file the new one. */
export function parseStatus(text: string): string[] {
  const fields = text.split("\0").filter((field) => field !== "");
  const paths: string[] = [];
  for (let i = 0; i < fields.length; i += 1) {
    const field = fields[i] ?? "";
    paths.push(field.slice(3));
    // The old name of a rename or copy follows in a field of its own.
    if (/^(.?[RC])/.test(field.slice(0, 2))) i += 1;
  }
  return paths;
}
