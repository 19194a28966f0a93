import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { parseCommand } from "./parse-command";

const ROOT = path.resolve(__dirname, "../..");

/** Programs in the documents that no test runs from there, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  "ansible-inventory": "compared with init's own reader by test/scripts/init/real-tools",
  echo: "on a machine",
  export: "the shell's own",
  git: "changes the checkout",
  jq: "reads what a verb writes",
  kubectl: "needs a cluster",
  "ssh-keygen": "on a machine",
  sudo: "on a machine",
};

interface Found {
  readonly where: string;
  readonly command: string;
}

const scripts = Object.keys(
  z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"))).scripts,
);

/** The documents for people, by their path. */
const documents = execFileSync("git", ["ls-files", "--", "*.md"], { cwd: ROOT })
  .toString()
  .split("\n")
  .filter((file) => file !== "" && !file.startsWith("test/"))
  .map((file) => ({ file, text: fs.readFileSync(path.join(ROOT, file), "utf8") }));

/** Before a block of shell that no test can run; what follows the colon says why. */
const MARK = /<!-- not run by a test: .+ -->\n+$/;

/** Each command of the blocks of shell, without its comment; lines that go on are one. */
function commandsOf({ file, text }: { file: string; text: string }): Found[] {
  const blocks = [...text.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].filter(
    ({ index }) => !MARK.test(text.slice(0, index)),
  );
  return blocks.flatMap(([, block = ""]) =>
    block
      .replaceAll(/\\\n\s*/g, "")
      .split("\n")
      .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
      .filter((line) => line !== "")
      // What is in quotes belongs together.
      .flatMap((line) => line.match(/(?:'[^']*'|"[^"]*"|[^'"&|;])+/g) ?? [])
      .map((command) => ({ where: file, command: command.trim() })),
  );
}

/** Commands of ours in the middle of a text, where they are whole: `npx vmstation power --stack mine`. */
function mentionsOf({ file, text }: { file: string; text: string }): Found[] {
  return [...text.matchAll(/`(npx vmstation [^`\n]+)`/g)].map(([, command = ""]) => ({
    where: file,
    command,
  }));
}

describe("the documents", () => {
  const commands = documents.flatMap(commandsOf);

  it("name commands of ours only as the command line takes them", async () => {
    const own = [...commands, ...documents.flatMap(mentionsOf)].filter(({ command }) =>
      /^npx vmstation (?!.*--(?:help|version)\b|pulumi$)/.test(command),
    );
    assert.ok(own.length > 50, String(own.length));
    const wrong: string[] = [];
    for (const { where, command } of own) {
      await parseCommand(command.replace(/ ?[<>].*$/, "")).catch((error: unknown) => {
        wrong.push(
          `${where}: ${command}: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
    }
    assert.deepEqual(wrong, []);
  });

  it("name only scripts of package.json, and other programs only with a reason why no test runs them", () => {
    const used = new Set<string>();
    const wrong = commands.flatMap(({ where, command }) => {
      const words = command.split(" ").filter((word) => !/^\w+=/.test(word));
      const [program = "", ...rest] = words;
      if (program === "npm") {
        const [verb = "", name = ""] = rest.filter((word) => !word.startsWith("-"));
        if (verb !== "run") return [];
        return scripts.includes(name) ? [] : [`${where}: npm run ${name}`];
      }
      if (program === "npx" || program === "node" || program === "python3") return [];
      used.add(program);
      return program in NOT_RUN ? [] : [`${where}: ${command}`];
    });
    assert.deepEqual(wrong, []);
    assert.deepEqual(Object.keys(NOT_RUN).sort(), [...used].sort());
  });

  it("have tables whose rows have as many cells as the head", () => {
    const cells = (row: string): number => row.split(/(?<!\\)\|/).length;
    const wrong = documents.flatMap(({ file, text }) =>
      [...text.matchAll(/(?:^ *\|.*\n)+/gm)].flatMap(([table]) => {
        const [head = "", ...rows] = table.trimEnd().split("\n");
        return rows
          .filter((row) => cells(row) !== cells(head))
          .map((row) => `${file}: ${row.replaceAll(/ {2,}/g, " ")}`);
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it("link only to files and headings that are there", () => {
    const wrong = documents.flatMap(({ file, text }) =>
      [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
        if (/^[a-z]+:/.test(target)) return [];
        const [to = "", heading] = target.split("#");
        const there = to === "" ? file : path.join(path.dirname(file), to);
        if (!fs.existsSync(path.join(ROOT, there))) return [`${file}: ${target}`];
        if (heading === undefined || !there.endsWith(".md")) return [];
        const headings = fs.readFileSync(path.join(ROOT, there), "utf8").match(/^#+ .*$/gm) ?? [];
        return headings.map(anchorOf).includes(heading) ? [] : [`${file}: ${target}`];
      }),
    );
    assert.deepEqual(wrong, []);
  });
});

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .replace(/^#+ /, "")
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
