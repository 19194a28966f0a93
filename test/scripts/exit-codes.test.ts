import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { EXIT } from "../../scripts/kit/user-error";
import { vmstation } from "../support/command-line";
import { listVerbs } from "./list-verbs";

/** Options that they do not know are another program's. */
const OTHERS = ["pulumi", "ssh", "up", "preview", "refresh", "destroy"];

/** The keys of every configuration, a folder that need not belong to a project, a script. */
const WITHOUT_PROJECT = ["config", "mirror serve", "completion"];

/** What comes after a verb that does not take any word for its arguments, or wants more than those. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  pulumi: ["preview"],
  remedy: ["crash-loops"],
  completion: ["bash"],
  promote: ["lab", "homelab"],
  reset: ["soft"],
  hold: ["x", "--for", "3h", "--why", "guests"],
};

describe("the exit code of a verb that cannot run", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-exit-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  for (const [name, verb] of listVerbs()) {
    const required = verb.registeredArguments.filter((argument) => argument.required);
    const words = [...name.split(" "), ...(WORDS[name] ?? required.map(() => "x"))];

    if (!WITHOUT_PROJECT.includes(name))
      it(`is 2 for ${name} where there is no project, and nothing is written`, async () => {
        const { status, stderr } = await vmstation("-C", folder, ...words);
        assert.deepEqual([status, readdirSync(folder)], [EXIT.couldNotRun, []]);
        assert.match(stderr, /^There is no .*Pulumi\.(homelab\.)?yaml/);
      });

    if (OTHERS.includes(name)) continue;
    it(`is 2 for ${name} with an option that it does not have`, async () => {
      const { status, stderr } = await vmstation("-C", folder, ...words, "--no-such-option");
      assert.equal(status, EXIT.couldNotRun);
      assert.match(stderr, /unknown option '--no-such-option'/);
    });
  }
});
