import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { plan } from "../../../scripts/engine/plan";

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
      const configFile = path.join(FOLDER, `Pulumi.${stack}.yaml`);
      const text = fs.readFileSync(configFile, "utf8");
      assert.equal(text.match(/\[control-plane, etcd/g)?.length, controlPlanes);
      const made = await plan({
        ...{ folder: ROOT, stack, configFile, settings: [] },
        onOutput: (said) => {
          assert.fail(said);
        },
      });
      assert.equal(made.machines.length, machines);
      const open = made.warnings.filter((warning) => !warning.path.endsWith(".hostKey"));
      assert.deepEqual(open, []);
    });
});
