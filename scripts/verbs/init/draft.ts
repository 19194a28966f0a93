import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { parseJson } from "../../kit/parse-json";
import type { Answers } from "./questions";

const schema = z.array(z.tuple([z.string(), z.string()]));

/** The answers of a person, in a file that git ignores, until the stack's file is written. */
export class Draft {
  constructor(readonly path: string) {}

  /** Nothing where there are none, and where they cannot be read. */
  read(): Answers {
    try {
      return schema.safeParse(parseJson(readFileSync(this.path, "utf8"))).data ?? [];
    } catch {
      return [];
    }
  }

  write(answers: Answers): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const temporary = `${this.path}.new`;
    writeFileSync(temporary, JSON.stringify(answers), { mode: 0o600 });
    renameSync(temporary, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}
