import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { confirm, confirmName } from "../../../scripts/kit/terminal/confirm";
import { Prompt } from "../../../scripts/kit/terminal/prompt";

/** A person who types this at a terminal, and then nothing more. */
function typing(text: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  input.write(text);
  return { input, output };
}

describe("a question at the terminal", () => {
  for (const [typed, agrees] of [
    ["y\r", true],
    ["YES\r", true],
    [" yes \r", true],
    ["\r", false],
    ["no\r", false],
    ["yeah\r", false],
  ] as const) {
    it(`is answered by ${JSON.stringify(typed)} with ${agrees ? "yes" : "no"}`, async () => {
      assert.equal(await confirm({ text: "Continue?" }, typing(typed)), agrees);
    });
  }

  for (const [key, typed] of [
    ["Ctrl-C", "y\x03"],
    ["Ctrl-D", "\x04"],
  ] as const) {
    it(`is answered by ${key} with no`, async () => {
      assert.equal(await confirm({ text: "Continue?" }, typing(typed)), false);
      assert.equal(await confirmName("homelab", { text: "Its name" }, typing(typed)), false);
    });
  }

  it("for a name takes that name only", async () => {
    const ask = (typed: string) => confirmName("homelab", { text: "Its name" }, typing(typed));
    assert.deepEqual(
      [await ask("homelab\r"), await ask("homela\r"), await ask("y\r"), await ask("\r")],
      [true, false, false, false],
    );
  });

  it("is broken between words where the terminal is narrow", async () => {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = Object.assign(new PassThrough(), { isTTY: true, columns: 40 });
    const asked = confirm(
      { text: "Files and programs on storage-of-attic stay there. Go on?" },
      { input, output },
    );
    input.write("y\n");
    assert.equal(await asked, true);
    output.end();
    const written = (await text(output)).replace(/\x1b\[[\d;]*[A-Za-z]/g, "");
    assert.match(
      written,
      /^Files and programs on storage-of-attic\r?\nstay there\. Go on\? \[y\/N\] /,
    );
  });

  it("is not asked where stdin is no terminal", async () => {
    const streams = { input: new PassThrough(), output: new PassThrough() };
    await assert.rejects(confirm({ text: "Continue?" }, streams), /run it again with --yes/);
    assert.equal(streams.output.read(), null);
  });
});

describe("several questions", () => {
  it("are answered by lines from a pipe, until it ends", async () => {
    const input = new PassThrough();
    const prompt = new Prompt({ input, output: new PassThrough() });
    input.end("one\n two \n");
    const answers = [await prompt.ask("a"), await prompt.ask("b"), await prompt.ask("c")];
    assert.deepEqual(answers, ["one", "two", undefined]);
    prompt.close();
  });
});
