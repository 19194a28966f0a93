import assert from "node:assert/strict";
import { Alias } from "@pulumi/pulumi/proto/alias_pb";
import { listAliases } from "../../../scripts/engine/aliases";

const NODE = "vmstation:node:Node";
const COMMAND = "command:remote:Command";

function spec(fill: (made: Alias.Spec) => void): Alias {
  const made = new Alias.Spec();
  fill(made);
  return new Alias().setSpec(made);
}

function urn(types: string, name: string): string {
  return `urn:pulumi:lab::home::${types}::${name}`;
}

// As the engine's step generator resolves them (pkg/resource/deploy, generateAliases).
describe("the aliases of a resource", () => {
  const parent = { urn: urn(NODE, "node-new"), aliases: [] as string[] };
  const child = { type: COMMAND, name: "node-new-system", stack: "lab", project: "home" };

  it("are a former name, type or parent, or a whole URN", () => {
    const found = listAliases(
      [
        spec((made) => made.setName("system")),
        spec((made) => made.setType("command:local:Command")),
        spec((made) => made.setParenturn(urn("a:b:C", "above"))),
        spec((made) => made.setNoparent(true)),
        new Alias().setUrn(urn(COMMAND, "whole")),
      ],
      { ...child, parent },
    );
    assert.deepEqual(found, [
      urn(`${NODE}$${COMMAND}`, "system"),
      urn(`${NODE}$command:local:Command`, "node-new-system"),
      urn(`a:b:C$${COMMAND}`, "node-new-system"),
      urn(COMMAND, "node-new-system"),
      urn(COMMAND, "whole"),
    ]);
  });

  it("follow a parent that had another name, by which its children were named", () => {
    const renamed = { ...parent, aliases: [urn("vmstation:node:Machine", "node-old")] };
    const types = `vmstation:node:Machine$${COMMAND}`;
    assert.deepEqual(listAliases([], { ...child, parent: renamed }), [
      urn(types, "node-old-system"),
    ]);
    const own = spec((made) => made.setName("node-new-all"));
    assert.deepEqual(listAliases([own], { ...child, parent: renamed }), [
      urn(`${NODE}$${COMMAND}`, "node-new-all"),
      urn(types, "node-old-system"),
      urn(types, "node-old-all"),
    ]);
  });

  it("are empty if nothing was renamed", () => {
    assert.deepEqual(listAliases([], { ...child, parent }), []);
    assert.deepEqual(listAliases([], { ...child, parent: undefined }), []);
  });
});
