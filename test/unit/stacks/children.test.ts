import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { homelabSite } from "../../support/site";
import { recordStack } from "../../support/stack";

const FIXTURE = path.join(__dirname, "../../support/fixtures/homelab-children.yaml");
const childrenSchema = z.record(z.string(), z.record(z.string(), z.string()));

describe("the components of the homelab", () => {
  it("have exactly the children that are listed, each of its type", async () => {
    const listed = childrenSchema.parse(parse(fs.readFileSync(FIXTURE, "utf8")));
    const found: Record<string, Record<string, string>> = {};
    for (const { name, type, parent } of await recordStack(homelabSite())) {
      (found[parent === "" ? "the stack" : parent] ??= {})[name] = type;
    }
    assert.deepEqual(found, listed);
  });
});
