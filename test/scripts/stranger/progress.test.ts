import assert from "node:assert/strict";
import { renderLive } from "../../../scripts/kit/pulumi/follow/render";
import { Progress } from "../../../scripts/kit/terminal/progress";
import type { Watched } from "../../../scripts/kit/terminal/screen";
import { Style } from "../../../scripts/kit/terminal/style";
import { wrapMessage } from "../../../scripts/kit/terminal/wrap-message";

/** A stream that a program writes to, and what it has written. */
function terminal(isTTY: boolean, columns = 80): { stream: Watched; written: () => string } {
  let text = "";
  const write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk);
    return true;
  };
  const stream = { isTTY, columns, rows: 24, write };
  return { stream, written: () => text };
}

/** What a screen shows after the text: lines that are taken back are gone. */
function screenOf(text: string): string[] {
  const lines: string[] = [];
  for (const part of text.split(/(?=\x1b\[\d+A\x1b\[J)/)) {
    const up = /^\x1b\[(\d+)A\x1b\[J/.exec(part);
    if (up !== null) lines.splice(lines.length - Number(up[1]));
    lines.push(
      ...part
        .slice(up?.[0].length ?? 0)
        .split("\n")
        .slice(0, -1),
    );
  }
  return lines;
}

describe("long work", () => {
  it("shows what is done on which machine, for how long, and what comes next", () => {
    let now = 0;
    const { stream, written } = terminal(true);
    const progress = new Progress(stream, () => now);
    progress.set("nas", "3 of 12 compared, now node-nas-access", "node-nas-confirm");
    now = 14_000;
    progress.set("tower", "logging in", "its steps are compared");
    assert.deepEqual(screenOf(written()), [
      "nas    3 of 12 compared, now node-nas-access, 14 s; next: node-nas-confirm",
      "tower  logging in, 0 s; next: its steps are compared",
    ]);
    progress.done("nas");
    now = 60_000;
    progress.say("tower: magic packet to 52:54:00:10:00:12\n");
    assert.deepEqual(screenOf(written()), [
      "tower: magic packet to 52:54:00:10:00:12",
      "nas    done, 14 s",
      "tower  logging in, 46 s; next: its steps are compared",
    ]);
    progress.clear();
    assert.deepEqual(screenOf(written()), ["tower: magic packet to 52:54:00:10:00:12"]);
  });

  it("never fills more than the terminal, in columns nor in lines", () => {
    const { stream, written } = terminal(true, 60);
    const progress = new Progress(stream, () => 0);
    for (let i = 0; i < 40; i++) progress.set(`machine-${i}`, "is looked at ".repeat(9));
    const lines = screenOf(written());
    assert.ok(lines.length < 24, String(lines.length));
    assert.ok(lines.every((line) => line.length < 60));
    assert.match(lines.at(-1) ?? "", /^and \d+ more machines$/);
    progress.clear();
  });

  it("writes nothing but what is said where nobody watches", () => {
    const { stream, written } = terminal(false);
    const progress = new Progress(stream, () => 0);
    progress.set("nas", "is woken");
    progress.say("nas: magic packet\n");
    progress.clear();
    assert.equal(written(), "nas: magic packet\n");
  });

  it("names the changes that come next in an update", () => {
    const running = new Map([["u", { name: "node-nas-system", op: "update", since: 0, says: "" }]]);
    const lines = renderLive(
      { running, changes: new Map() },
      3,
      { start: 0, now: 5000 },
      { width: 80, height: 24 },
      ["node-nas-access", "bootstrap-run"],
    );
    assert.deepEqual(lines, [
      "— 0 of 3 changes done, 5 s",
      "  node-nas-system  5 s",
      "  next: node-nas-access, bootstrap-run",
    ]);
  });
});

describe("a message on a narrow terminal", () => {
  it("is broken between words, and a command in it is not broken at all", () => {
    const message =
      "The SSH host key of storage-of-attic is not pinned, so nothing was done. Run: npx vmstation trust storage-of-attic --stack a-stack-with-a-long-name";
    assert.deepEqual(wrapMessage(message, new Style(false, 80)).split("\n"), [
      "The SSH host key of storage-of-attic is not pinned, so nothing was done. Run:",
      "  npx vmstation trust storage-of-attic --stack a-stack-with-a-long-name",
    ]);
    const plain = "One thought a sentence. ".repeat(9).trim();
    for (const line of wrapMessage(plain, new Style(false, 40)).split("\n"))
      assert.ok(line.length <= 40 && !line.startsWith(" "), line);
    assert.equal(wrapMessage(plain, new Style(false, 40)).split(/\s+/).join(" "), plain);
  });

  it("keeps its indentation, and has no colour where NO_COLOR is set or nobody is at a terminal", () => {
    const line = "    found    something that is rather long and goes on and on and on";
    const wrapped = wrapMessage(line, new Style(false, 40)).split("\n");
    assert.ok(
      wrapped.every((each) => each.startsWith("    ") && each.length <= 40),
      wrapped.join("|"),
    );
    const bold = (isTTY: boolean, env: NodeJS.ProcessEnv): string =>
      Style.of(terminal(isTTY).stream, env).bold("x");
    for (const plain of [
      bold(true, { NO_COLOR: "1" }),
      bold(true, { TERM: "dumb" }),
      bold(false, {}),
    ])
      assert.equal(plain, "x");
  });
});
