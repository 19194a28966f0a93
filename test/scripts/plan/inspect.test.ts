import assert from "node:assert/strict";
import fc from "fast-check";
import {
  containsUnknown,
  printableMap,
  revealMap,
  secretPaths,
} from "../../../scripts/engine/inspect";
import { Asset, type PropertyMap, Ref, Secret, UNKNOWN } from "../../../scripts/engine/values";
import { propertyMaps } from "./arbitraries";

const map: PropertyMap = {
  b: [1, { "c.d": new Secret({ user: "me" }) }],
  a: UNKNOWN,
  file: new Asset("asset", { text: new Secret("x") }),
  ref: new Ref("urn:x", undefined),
};

describe("printing values", () => {
  it("sorts keys and replaces secrets and unknowns", () => {
    assert.equal(
      JSON.stringify(printableMap(map)),
      '{"a":"[unknown]","b":[1,{"c.d":"[secret]"}],"file":{"asset":{"text":"[secret]"}},"ref":"urn:x"}',
    );
  });

  it("names every secret's place", () => {
    assert.deepEqual(secretPaths(map), ['b[1]["c.d"]', "file.text"]);
  });

  it("never shows what a secret holds", () => {
    fc.assert(
      fc.property(propertyMaps, fc.uuid(), (around, word) => {
        const hidden = { ...around, list: [{ secret: new Secret({ nested: [word] }) }] };
        assert.ok(!JSON.stringify(printableMap(hidden)).includes(word));
        assert.ok(secretPaths(hidden).includes("list[0].secret"));
      }),
    );
  });

  it("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(propertyMaps, (values) => {
        const reversed = Object.fromEntries(Object.entries(values).reverse());
        assert.equal(JSON.stringify(printableMap(values)), JSON.stringify(printableMap(reversed)));
        assert.deepEqual(secretPaths(values), secretPaths(reversed));
      }),
    );
  });
});

describe("looking into values", () => {
  it("finds an unknown inside a secret, and takes a resource without id for one", () => {
    assert.equal(containsUnknown(new Secret([UNKNOWN])), true);
    assert.equal(containsUnknown(new Ref("urn:x", undefined)), true);
    assert.equal(containsUnknown({ a: [new Secret("x")], r: new Ref("urn:x", "i") }), false);
  });

  it("reveals secrets at any depth and nothing else", () => {
    assert.deepEqual(revealMap(map), {
      b: [1, { "c.d": { user: "me" } }],
      a: UNKNOWN,
      file: new Asset("asset", { text: "x" }),
      ref: new Ref("urn:x", undefined),
    });
    fc.assert(
      fc.property(propertyMaps, (values) => {
        assert.deepEqual(secretPaths(revealMap(values)), []);
      }),
    );
  });
});
