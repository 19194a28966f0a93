import assert from "node:assert/strict";
import { renderTerminal } from "../../engine/picture/render-terminal";

const SIZE = { rows: 2, columns: 20, seconds: 10, caption: ["Left out: a & b"] };

describe("the picture of a terminal", () => {
  it("keeps the text, its colours and nothing that SVG would take for a tag", () => {
    const lines = [{ text: "\u001b[38;5;2m+ \u001b[0ma <b> & c", at: 0 }];
    const svg = renderTerminal({ ...SIZE, lines, command: "up" });
    assert.match(svg, /<tspan class="g">\+ <\/tspan>a &lt;b&gt; &amp; c<\/text>/);
    assert.doesNotMatch(svg, /\u001b/);
  });

  it("cuts a line at the terminal's edge, and shows that it did", () => {
    const start = `${"x".repeat(18)}\u001b[1my`;
    const lines = ["z", "zz"].map((rest) => ({ text: start + rest, at: 0 }));
    const svg = renderTerminal({ ...SIZE, lines, command: "up" });
    assert.match(svg, />x{18}<tspan class="o">yz<\/tspan><\/text>/);
    assert.match(svg, />x{18}<tspan class="o">y<\/tspan>…<\/text>/);
  });

  it("says below what it does not show", () => {
    assert.match(renderTerminal({ ...SIZE, lines: [], command: "up" }), />Left out: a &amp; b</);
  });

  it("scrolls at the pace of what was recorded, and ends on the last line", () => {
    const lines = [
      { text: "a", at: 0 },
      { text: "b", at: 250 },
      { text: "c", at: 1000 },
    ];
    const svg = renderTerminal({ ...SIZE, lines, command: "up" });
    // Where nothing moves, the end is shown.
    assert.match(svg, /<g id="s" transform="translate\(0 -34\)">/);
    const frames = [...svg.matchAll(/([\d.]+)%\{transform:translateY\((-?\d+)px\)/g)];
    // The command itself is the first of four lines; two have room.
    assert.deepEqual(
      frames.map(([, percent, y]) => [Number(percent), Number(y)]),
      [
        [0, 0],
        [25, -17],
        [100, -34],
      ],
    );
  });
});
