import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { checkConfig } from "../../../stacks/check";
import { renderProblems } from "../../../stacks/errors";
import { listOpenQuestions } from "../../../stacks/open-questions";
import { valuesOf } from "../../support/homelab";
import { recordStack } from "../../support/stack";

const ROOT = path.resolve(__dirname, "../../..");
const FOLDER = path.join(ROOT, "docs/examples");

/** Machines of each example, and how many of them are control planes. */
const EXAMPLES = { small: [1, 1], usual: [3, 1], ha: [5, 3] } as const;

describe("the examples in docs/examples", function () {
  this.timeout(60_000);

  it("are the small one, the usual one and the one that survives a control plane", () => {
    const files = fs.readdirSync(FOLDER).filter((name) => name.startsWith("Pulumi."));
    assert.deepEqual(
      files.sort(),
      Object.keys(EXAMPLES)
        .map((name) => `Pulumi.${name}.yaml`)
        .sort(),
    );
  });

  for (const [stack, [machines, controlPlanes]] of Object.entries(EXAMPLES))
    it(`${stack} can be planned: ${machines} machines, and nothing is open but their host keys`, async () => {
      const text = fs.readFileSync(path.join(FOLDER, `Pulumi.${stack}.yaml`), "utf8");
      assert.equal(text.match(/\[control-plane, etcd/g)?.length, controlPlanes);
      const { site, problems } = checkConfig({ values: valuesOf(text), secretKeys: [] });
      assert.ok(site, renderProblems(stack, problems));
      assert.equal(site.machines.length, machines);
      const warnings = listOpenQuestions(site, stack, () => false);
      const open = warnings.filter((warning) => !warning.path.endsWith(".hostKey"));
      assert.deepEqual(open, []);
      const made = await recordStack(site);
      assert.ok(
        made.some(({ type }) => type === "vmstation:validation:Validation"),
        "its last layer is not there",
      );
    });
});
