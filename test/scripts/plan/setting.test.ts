import assert from "node:assert/strict";
import { applySetting, parseSetting } from "../../../scripts/kit/stack-file/setting";
import type { StackConfig } from "../../../scripts/kit/stack-file/stack-config";

function set(config: Record<string, unknown>, ...texts: string[]): Record<string, unknown> {
  const map: StackConfig = new Map(Object.entries(config));
  for (const text of texts) applySetting(map, "home", parseSetting(text));
  return Object.fromEntries(map);
}

describe("--set", () => {
  it("reads the value as YAML", () => {
    const config = set(
      {},
      "a.text=x",
      "a.number=3",
      "a.list=[1, {b: c}]",
      "a.empty=",
      "a.quoted='3'",
    );
    assert.deepEqual(config, {
      "home:a": { text: "x", number: 3, list: [1, { b: "c" }], empty: null, quoted: "3" },
    });
  });

  it("changes one value and leaves its neighbours", () => {
    const config = { "home:power": { idle: "2h", wake: { retries: 3 } }, "home:other": 1 };
    assert.deepEqual(set(config, "power.wake.retries=5"), {
      "home:power": { idle: "2h", wake: { retries: 5 } },
      "home:other": 1,
    });
    assert.deepEqual(config["home:power"], { idle: "2h", wake: { retries: 3 } });
  });

  it("reaches into lists in both spellings, and may append", () => {
    const config = { "home:a": { list: [{ x: 1 }, { x: 2 }] } };
    const wanted = { "home:a": { list: [{ x: 1 }, { x: 9 }, { x: 3 }] } };
    assert.deepEqual(set(config, "a.list[1].x=9", "a.list.2.x=3"), wanted);
  });

  it("reaches keys that are no plain words", () => {
    const config = { "home:a": { "/srv/x.y": { b: 1 }, c: 2 } };
    assert.deepEqual(set(config, 'a["/srv/x.y"].b=3', 'a["d=e"][0]=4'), {
      "home:a": { "/srv/x.y": { b: 3 }, c: 2, "d=e": { "0": 4 } },
    });
  });

  it("replaces a whole layer, and keeps = in the value", () => {
    assert.deepEqual(set({ "home:a": { b: 1 } }, "a={c: d=e}"), { "home:a": { c: "d=e" } });
  });

  for (const [text, message] of [
    ["power", /the form layer\.key=VALUE/],
    ["=3", /the form layer\.key=VALUE/],
    ["a..b=3", /the form layer\.key=VALUE/],
    ["a.b=[1", /--set a\.b=\[1: the value is not YAML/],
    ["scalar.below=1", /scalar is a single value/],
    ["list.x=1", /list is a list with 1 items/],
    ["list[5]=1", /list is a list with 1 items/],
    ["secret.secure.x=1", /secret is a single value/],
  ] as const) {
    it(`refuses ${text}`, () => {
      const config = { "home:scalar": 1, "home:list": [1], "home:secret": { secure: "v1:x" } };
      assert.throws(() => set(config, text), message);
    });
  }
});
