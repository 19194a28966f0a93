import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { completeCommands, renderCommand, WITHOUT_STACK } from "../../../scripts/kit/advice";
import { listVerbs } from "../list-verbs";
import { parseCommand } from "../parse-command";

const ROOT = path.resolve(__dirname, "../../..");

/** A command in a source or a document: after a quote, or in the middle of a sentence. */
const MENTION = /(?<![\w/.@-])(?:npx )?vmstation(?: -C \S+)? [a-z<].*/g;

/** What ends a command in the text that holds it. */
const END = /[`"\\]|; | [|>]| {2,}|, then|\. |: |, (?=[a-z])| \(|\)$|$/;

/** What a file or a user on a machine is described with: no commands. */
const DESCRIPTIONS = /^vmstation (backups|power controller) on /;

interface Mention {
  readonly where: string;
  readonly command: string;
}

/** Each command that a source file shows to somebody, with a word in the place of each value. */
function listMentions(): Mention[] {
  const files = execFileSync("git", ["ls-files", "scripts", "components", "stacks"], { cwd: ROOT })
    .toString()
    .split("\n")
    .filter((file) => /\.(ts|sh|py)$/.test(file) && fs.existsSync(path.join(ROOT, file)));
  return files.flatMap((file) =>
    fs
      .readFileSync(path.join(ROOT, file), "utf8")
      .split("\n")
      .filter((line) => !/^\s*(\/\/|\*|\/\*|#)/.test(line))
      .flatMap((line) => [...line.matchAll(MENTION)].map(([found]) => found))
      .map((found) => ({ where: file, command: cut(withWords(found)) }))
      .filter(({ command }) => !DESCRIPTIONS.test(command)),
  );
}

/** `${machine.name}` is some word, as is `{{ $labels.node }}`. */
function withWords(text: string): string {
  return text.replace(/\$?\{\{?[^{}]*\}?\}/g, "WORD").replace(/\$\w+/g, "WORD");
}

function cut(text: string): string {
  const end = END.exec(text)?.index ?? text.length;
  const command = text.slice(0, end);
  // A quote that begins within the command belongs to it; one that does not closes the text around it.
  const quotes = command.match(/'/g)?.length ?? 0;
  return (quotes % 2 === 1 ? command.slice(0, command.lastIndexOf("'")) : command).trimEnd();
}

/** Where a sentence only names a verb, its arguments may be left out. */
function unlessNamed(command: string): (error: Error) => Record<string, unknown> {
  return (error) => {
    if (!/^(npx )?vmstation [a-z -]+$/.test(command) || !error.message.includes("missing required"))
      throw error;
    return { stack: "my stack" };
  };
}

describe("a command that the program advises", () => {
  const mentions = listMentions();

  it("is found where it stands", () => {
    assert.ok(mentions.length > 40, String(mentions.length));
    const commands = mentions.map(({ command }) => command);
    assert.ok(commands.includes("vmstation bootstrap log --follow"), commands.join("\n"));
  });

  for (const { where, command } of mentions)
    it(`is one that there is: ${command} (${where})`, async () => {
      await assert.doesNotReject(parseCommand(command).catch(unlessNamed(command)));
    });

  it("names the stack that it is about once it is shown, and is parsed as that", async () => {
    for (const { command } of mentions) {
      const shown = completeCommands(`to do: ${command}`, { stack: "my stack" });
      const whole = shown.slice("to do: ".length);
      const options = await parseCommand(whole).catch(unlessNamed(command));
      const verb =
        /vmstation (?:-C \S+ )?((?:(?:alert|bootstrap|mirror) )?[a-z-]+)/.exec(whole)?.[1] ?? "";
      if (WITHOUT_STACK.includes(verb) || command.includes("--stack")) continue;
      assert.equal(options.stack, "my stack", whole);
      assert.equal(completeCommands(shown, { stack: "my stack" }), shown);
    }
  });

  it("has a stack unless its verb takes none", () => {
    const none = [...listVerbs()]
      .filter(([, verb]) => !verb.options.some(({ long }) => long === "--stack"))
      .map(([name]) => name);
    assert.deepEqual(
      none.filter((name) => !WITHOUT_STACK.includes(name)),
      [],
    );
  });

  it("is quoted for the shell, with the stack before what another program gets", () => {
    assert.equal(
      renderCommand({ stack: "mine" }, "ssh", "nas", "--", "ls", "/srv/a b"),
      "npx vmstation ssh nas --stack mine -- ls '/srv/a b'",
    );
    assert.equal(
      renderCommand({ stack: "mine", cwd: "../it's" }, "up"),
      `npx vmstation -C '../it'\\''s' up --stack mine`,
    );
  });

  it("is completed in what a machine says, which knows neither of a stack nor of npx", () => {
    const said =
      "read with 'pulumi preview --diff' what it changes; 'vmstation drift --fix' makes it again";
    assert.equal(
      completeCommands(said, { stack: "mine" }),
      "read with 'npx vmstation preview --stack mine --diff' what it changes; " +
        "'npx vmstation drift --stack mine --fix' makes it again",
    );
    assert.equal(
      completeCommands("look at /etc/vmstation power and pulumi upgrade", { stack: "mine" }),
      "look at /etc/vmstation power and pulumi upgrade",
    );
  });

  it("is told from something that has the program's name", () => {
    for (const text of [
      "there is a pool vmstation already",
      "hypervisor.pool: no pool vmstation in Proxmox; npx vmstation",
      "the user vmstation may not do it",
    ])
      assert.equal(completeCommands(text, { stack: "mine" }), text);
  });
});
