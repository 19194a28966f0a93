import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { AddedProgram } from "../../support/added-program";

const FIXTURE = path.join(__dirname, "../../support/fixtures/checks/check_jobs.py");
const CHECKS = "components/validation/files/checks";

const groupsModule = z.object({ VALIDATION_GROUPS: z.array(z.string()) });
const report = z.object({
  checks: z.array(z.object({ group: z.string(), name: z.string(), status: z.string() })),
});

describe("a check that was added as CONTRIBUTING says", function () {
  this.timeout(60_000);
  let program: AddedProgram;
  before(() => {
    program = new AddedProgram();
    program.add(FIXTURE, `${CHECKS}/check_jobs.py`);
    program.follow("Adding a check");
  });
  after(() => {
    program.remove();
  });

  it("is its file and one line", () => {
    assert.deepEqual(program.changes(), [
      `+ ${CHECKS}/check_jobs.py`,
      "M components/validation/groups.ts",
    ]);
  });

  /** What the installed program says of the group, with a kubectl that prints `jobs`. */
  function judge(jobs: string): string {
    const { VALIDATION_GROUPS: groups } = groupsModule.parse(
      program.load("components/validation/groups"),
    );
    const settings = program.at("settings.json");
    fs.writeFileSync(settings, JSON.stringify({ groups, prometheus: null, endpoints: {} }));
    fs.writeFileSync(program.at("kubectl"), `#!/bin/sh\n${jobs}\n`, { mode: 0o755 });
    const ran = spawnSync(
      "python3",
      ["-B", program.at(CHECKS), "jobs", "--json", "--settings", settings],
      { encoding: "utf8", env: { PATH: `${program.root}:${process.env.PATH ?? ""}` } },
    );
    assert.equal(ran.stderr, "");
    const { checks } = report.parse(JSON.parse(ran.stdout));
    return checks.map(({ group, name, status }) => `${group}: ${name}: ${status}`).join();
  }

  it("looks, judges, and is an error where it cannot look", () => {
    const job = (failed: string): object => ({
      metadata: { name: "j", namespace: "media" },
      status: { conditions: [{ type: "Failed", status: failed }] },
    });
    const list = (failed: string): string => `echo '${JSON.stringify({ items: [job(failed)] })}'`;
    assert.equal(judge(list("False")), "jobs: failed: pass");
    assert.equal(judge(list("True")), "jobs: failed: fail");
    assert.equal(judge("exit 1"), "jobs: failed: error");
  });
});
