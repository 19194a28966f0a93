import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { AddedProgram } from "../../support/added-program";

const FIXTURES = path.join(__dirname, "../../support/fixtures");
const LIBRARY = "components/power/files/lib";
const TESTS = "test/unit/power/python";

/** Does what a section of CONTRIBUTING says with a fixture, runs the fixture's test there, and returns what changed. */
function add(title: string, folder: string, file: string, test: string): string[] {
  const program = new AddedProgram([TESTS]);
  try {
    program.add(path.join(FIXTURES, folder, file), `${LIBRARY}/${file}`);
    program.add(path.join(FIXTURES, folder, test), `${TESTS}/${test}`);
    program.follow(title);
    const ran = spawnSync("python3", ["-B", "-W", "error", "-m", "unittest", "-q", test], {
      cwd: program.at(TESTS),
      encoding: "utf8",
    });
    assert.equal(ran.status, 0, ran.stderr);
    return program.changes();
  } finally {
    program.remove();
  }
}

describe("the power layer's registries", function () {
  this.timeout(60_000);

  it("take a trigger: its file, its test and one line", () => {
    assert.deepEqual(add("Adding a wake trigger", "triggers", "trigger_door.py", "test_door.py"), [
      "+ components/power/files/lib/trigger_door.py",
      "M components/power/files/lib/triggers.py",
      "+ test/unit/power/python/test_door.py",
    ]);
  });

  it("take a way to wake: its file, its test and one line", () => {
    assert.deepEqual(add("Adding a way to wake", "ways", "way_plug.py", "test_plug.py"), [
      "+ components/power/files/lib/way_plug.py",
      "M components/power/files/lib/ways.py",
      "+ test/unit/power/python/test_plug.py",
    ]);
  });
});
