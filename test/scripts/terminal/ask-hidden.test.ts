import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { askHidden } from "../../../scripts/kit/terminal/ask-hidden";

async function type(keys: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  const asked = askHidden("Token: ", { input, output });
  input.write(keys);
  const answer = await asked;
  output.end();
  return { answer, shown: await textOf(output) };
}

describe("a secret that is asked for", () => {
  it("is taken as it was typed, with its corrections, and not shown", async () => {
    const { answer, shown } = await type("me@pve!x=hunter22\u007f\r");
    assert.equal(answer, "me@pve!x=hunter2");
    assert.equal(shown, "Token: \n");
  });

  for (const [what, keys] of [
    ["Ctrl-C", "abc\u0003"],
    ["Ctrl-D", "\u0004"],
    ["an empty answer", "\r"],
  ] as const)
    it(`is none after ${what}`, async () => {
      const { answer, shown } = await type(keys);
      assert.equal(answer, undefined);
      assert.equal(shown, "Token: \n");
    });
});
