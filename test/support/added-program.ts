import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { HOMELAB_FILE } from "./homelab";
import { loadCopy } from "./load-copy.cjs";

const ROOT = path.join(__dirname, "../..");

/** A key of an object, with its indentation. */
const KEY = /^(\s+)\w+: /;

/**
 * A copy of the program to which something is added as CONTRIBUTING says: a fixture's files, and lines in files of the
 * program that are read from CONTRIBUTING. Its modules are loaded beside the program's own.
 */
export class AddedProgram {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-added-"));

  /** `more`: what is copied beside the program, and compared as well. */
  constructor(private readonly more: readonly string[] = []) {
    for (const part of ["components", "stacks", "test/support", ...more]) {
      fs.cpSync(path.join(ROOT, part), this.at(part), { recursive: true });
    }
    fs.copyFileSync(HOMELAB_FILE, this.at("Pulumi.homelab.yaml"));
    for (const file of ["package.json", "tsconfig.json"]) {
      fs.copyFileSync(path.join(ROOT, file), this.at(file));
    }
    fs.symlinkSync(path.join(ROOT, "node_modules"), this.at("node_modules"));
  }

  at(file: string): string {
    return path.join(this.root, file);
  }

  remove(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }

  /** A module of the copy; `file` without its extension. */
  load(file: string): unknown {
    return loadCopy(this.at(file), (copy) => this.findOriginal(copy));
  }

  /** The program's own file, where the copy has the same text. */
  private findOriginal(copy: string): string | undefined {
    const original = path.join(ROOT, path.relative(this.root, copy));
    if (!copy.startsWith(this.root) || !fs.existsSync(original)) return undefined;
    return fs.readFileSync(original).equals(fs.readFileSync(copy)) ? original : undefined;
  }

  /** Copies a fixture's file or folder to `target`, where its imports of the program are shorter. */
  add(fixture: string, target: string): void {
    fs.cpSync(fixture, this.at(target), { recursive: true });
    for (const file of listFiles(this.at(target)).filter((each) => each.endsWith(".ts"))) {
      const text = fs.readFileSync(file, "utf8");
      const moved = text.replaceAll(
        /"(?:\.\.\/)+((?:components|scripts)\/[^"]*)"/g,
        (_, module: string) => {
          const from = path.relative(path.dirname(file), this.at(module));
          return JSON.stringify(from.startsWith(".") ? from : `./${from}`);
        },
      );
      fs.writeFileSync(file, moved);
    }
  }

  /**
   * Puts a line below the last one that begins and ends alike: up to the first name or text, and with the same character.
   * Where none does, a key goes above the last key with its indentation, and another line below the last one that has
   * its indentation and ends alike.
   */
  addLine(file: string, line: string): void {
    const lines = fs.readFileSync(this.at(file), "utf8").split("\n");
    const beginning = /^\s*[a-z]*\W*/.exec(line)?.[0] ?? "";
    const blanks = /^\s*/.exec(line)?.[0] ?? "";
    const find = (isAlike: (each: string) => boolean): number => lines.findLastIndex(isAlike);
    const ends = (each: string): boolean => each !== "" && each.at(-1) === line.at(-1);
    const alike = find((each) => ends(each) && each.startsWith(beginning));
    const key = KEY.test(line) ? find((each) => KEY.exec(each)?.[1] === blanks) : -1;
    const last = find((each) => ends(each) && /^\s*/.exec(each)?.[0] === blanks);
    const place = [alike + 1, key, last + 1].find((index) => index > 0) ?? 0;
    assert.ok(place > 0, `${file} has no line like ${line}`);
    lines.splice(place, 0, line);
    fs.writeFileSync(this.at(file), lines.join("\n"));
  }

  /** Adds the lines that a section of CONTRIBUTING shows, each to the file that its step names. */
  follow(title: string): void {
    for (const [file, lines] of readSteps(title)) {
      for (const line of lines) this.addLine(file, line);
    }
  }

  /** Files of the copy that the program does not have, or has otherwise: "+ components/apps/notes/notes.ts". */
  changes(): string[] {
    return ["components", "stacks", ...this.more].flatMap((part) =>
      listFiles(this.at(part)).flatMap((copy) => {
        const file = path.relative(this.root, copy);
        const original = path.join(ROOT, file);
        if (!fs.existsSync(original)) return [`+ ${file}`];
        return fs.readFileSync(original).equals(fs.readFileSync(copy)) ? [] : [`M ${file}`];
      }),
    );
  }
}

function listFiles(top: string): string[] {
  if (!fs.statSync(top).isDirectory()) return [top];
  return fs
    .readdirSync(top)
    .sort()
    .flatMap((name) => listFiles(path.join(top, name)));
}

/** File → lines to add, from the steps of a section of CONTRIBUTING that name a file and show lines. */
export function readSteps(title: string): Map<string, string[]> {
  const text = fs.readFileSync(path.join(ROOT, "CONTRIBUTING.md"), "utf8");
  const [, section = ""] = text.split(`## ${title}\n`);
  const [own = ""] = section.split("\n## ");
  const steps = [...own.matchAll(/^\d\. [^`]*`([^`]+)`[^`]*```\w+\n([^]*?)```/gm)];
  assert.ok(own !== "", `CONTRIBUTING has no section ${title}`);
  return new Map(
    steps.map(([, file = "", lines = ""]) => [
      file,
      lines
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/^ {3}/, "")),
    ]),
  );
}
