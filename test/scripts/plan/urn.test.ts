import assert from "node:assert/strict";
import { parseUrn, renderUrn } from "../../../scripts/engine/urn";

const at = { stack: "lab", project: "home" };

describe("URNs", () => {
  it("leave the stack out of its children's types", () => {
    const stack = renderUrn({
      ...at,
      parent: undefined,
      type: "pulumi:pulumi:Stack",
      name: "home-lab",
    });
    assert.equal(stack, "urn:pulumi:lab::home::pulumi:pulumi:Stack::home-lab");
    const child = renderUrn({ ...at, parent: stack, type: "a:b:C", name: "c" });
    assert.equal(child, "urn:pulumi:lab::home::a:b:C::c");
  });

  it("chain the types of all parents", () => {
    const parent = "urn:pulumi:lab::home::a:b:C$d:e:F::f";
    const urn = renderUrn({ ...at, parent, type: "g:h:I", name: "i" });
    assert.equal(urn, "urn:pulumi:lab::home::a:b:C$d:e:F$g:h:I::i");
    assert.deepEqual(parseUrn(urn), {
      qualifiedType: "a:b:C$d:e:F$g:h:I",
      type: "g:h:I",
      name: "i",
    });
  });

  it("keep a name that holds the separator", () => {
    assert.equal(parseUrn("urn:pulumi:lab::home::a:b:C::x::y").name, "x::y");
  });

  it("refuse a text that is no URN", () => {
    assert.throws(() => parseUrn("a:b:C::x"), /not a URN/);
  });
});
