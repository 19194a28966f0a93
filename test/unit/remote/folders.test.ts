import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Step } from "../../../components/remote/step";
import { Sandbox, type Ran } from "../../support/sandbox";

/** Another user than the one that runs the test, by number. */
const NOBODY = 65_534;

describe("a folder that the configuration names", function () {
  let box: Sandbox;
  before(function () {
    if (process.getuid?.() === 0) return;
    console.log("    skipped: only root can give a folder to somebody else");
    this.skip();
  });
  beforeEach(() => {
    box = new Sandbox("sh", "/tmp");
  });
  afterEach(() => {
    box.remove();
  });

  const run = (folder: string, verb: string, more = ""): Ran =>
    box.run(step(`${more}ensure_folder '${folder}' 0750 1000:1000 vmstation:apps.x.path`), verb);
  const step = (script: string, name = "test"): Step => ({
    ...{ name, libraries: ["files"], script: `step() { ${script}; }` },
  });
  const attributes = (folder: string): string => {
    const { mode, uid, gid } = fs.lstatSync(folder);
    return `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
  };
  /** With what a person may have in it. */
  const makeFull = (folder: string, uid = 0): void => {
    fs.mkdirSync(folder, { recursive: true });
    fs.mkdirSync(path.join(folder, "2019"));
    fs.writeFileSync(path.join(folder, "2019/birth.jpg"), "photo");
    for (const name of ["", "2019", "2019/birth.jpg"])
      fs.chownSync(path.join(folder, name), uid, uid);
  };

  it("is made with its owner, and taken away again with the folders above it that were made for it", () => {
    const folder = box.at("srv/games/world");
    assert.equal(run(folder, "apply").code, 0);
    assert.equal(attributes(folder), "750 1000:1000");
    assert.equal(attributes(box.at("srv/games")), "755 0:0");
    const again = run(folder, "apply");
    assert.deepEqual([again.code, again.stderr], [0, ""]);
    assert.equal(run(folder, "check").code, 0);
    assert.equal(run(folder, "remove").code, 0);
    assert.ok(!box.exists("srv"));
  });

  it("keeps owner, mode and content where it was there before with files of somebody else's", () => {
    const folder = box.at("photos");
    makeFull(folder, NOBODY);
    const ran = run(folder, "apply");
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      /photos was there before us, is not empty, and belongs to \S+, not 1000:1000; it stays/,
    );
    assert.match(ran.stderr, /chown -R 1000:1000 \S+photos.*vmstation:apps\.x\.path/);
    assert.equal(run(folder, "check").code, 3);
    assert.equal(run(folder, "remove").code, 0);
    for (const name of ["", "2019", "2019/birth.jpg"])
      assert.equal(
        attributes(path.join(folder, name)),
        `${name.endsWith("jpg") ? "644" : "755"} ${NOBODY}:${NOBODY}`,
      );
  });

  it("is used as it is if its content belongs to the right user already, and is kept when the step is removed", () => {
    const folder = box.at("world");
    makeFull(folder, 1000);
    assert.equal(run(folder, "apply").code, 0);
    assert.equal(attributes(folder), "755 1000:1000");
    assert.equal(run(folder, "check").code, 0);
    assert.equal(run(folder, "remove").code, 0);
    assert.equal(box.read("world/2019/birth.jpg"), "photo");
  });

  it("is taken over while it is empty, and gets back what it had", () => {
    const folder = box.at("disk");
    fs.mkdirSync(path.join(folder, "lost+found"), { recursive: true });
    fs.chmodSync(folder, 0o2775);
    assert.equal(run(folder, "apply").code, 0);
    assert.equal(attributes(folder), "750 1000:1000");
    assert.equal(run(folder, "apply").stderr, "");
    assert.equal(run(folder, "remove").code, 0);
    assert.equal(attributes(folder), "2775 0:0");
  });

  it("that existed and is empty is kept when the step is removed", () => {
    const folder = box.at("own");
    fs.mkdirSync(folder);
    fs.chmodSync(folder, 0o750);
    fs.chownSync(folder, 1000, 1000);
    assert.equal(run(folder, "apply").code, 0);
    assert.equal(run(folder, "remove").code, 0);
    assert.equal(attributes(folder), "750 1000:1000");
  });

  it("is no link, and is not reached by one", () => {
    makeFull(box.at("etc"));
    fs.symlinkSync(box.at("etc"), box.at("link"));
    fs.mkdirSync(box.at("etc/empty"));
    for (const folder of ["link", "link/empty", "link/missing"]) {
      const ran = run(box.at(folder), "apply");
      assert.equal(ran.code, 1, folder);
      assert.match(ran.stderr, /is a link, or is reached by one.*\/etc/, folder);
    }
    assert.equal(attributes(box.at("etc")), "755 0:0");
    assert.equal(attributes(box.at("etc/empty")), "755 0:0");
    assert.ok(!box.exists("etc/missing"));
  });

  it("is not followed where somebody puts a link in its place while it is made", () => {
    fs.mkdirSync(box.at("etc"));
    fs.mkdirSync(box.at("home"));
    // Between the look and the change: what runs as another user may do that in a folder of its own.
    const [world, target] = [box.at("home/world"), box.at("etc")];
    const swap = `mkdir() { command mkdir "$@"; if [ -d '${world}' ]; then rmdir '${world}'; ln -s '${target}' '${world}'; fi; }; `;
    const ran = run(world, "apply", swap);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /home\/world cannot be made or given its owner/);
    assert.equal(attributes(box.at("etc")), "755 0:0");
  });

  for (const folder of [
    "/",
    "/etc",
    "/usr/lib/x",
    "/home",
    "/home/alice",
    "/srv",
    "/opt",
    "/var/lib",
  ]) {
    it(`is not ${folder}, whatever the configuration let through`, () => {
      const before = fs.existsSync(folder) ? attributes(folder) : "";
      // What would change it is out of reach of this test.
      const ran = run(folder, "apply", "chmod() { :; }; chown() { :; }; mkdir() { :; }; ");
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /is a folder of the system, or one that others use too/);
      assert.match(ran.stderr, /to do: .*in vmstation:apps\.x\.path/);
      assert.equal(fs.existsSync(folder) ? attributes(folder) : "", before);
    });
  }

  it("of two steps is removed with the last of them", () => {
    const folder = box.at("shared");
    const both = ["one", "two"].map((name) => step(`ensure_dir '${folder}' 0755 root:root`, name));
    for (const each of both) assert.equal(box.run(each, "apply").code, 0);
    const [one, two] = both;
    assert.ok(one && two);
    assert.equal(box.run(one, "remove").code, 0);
    assert.equal(box.run(two, "remove").code, 0);
    assert.ok(!box.exists("shared"));
  });

  it("of the program's own goes with what a step has put into it, whatever comes first in the step", () => {
    const folder = box.at("own");
    const own = {
      ...step(`ensure_dir '${folder}' 0700 root:root; ensure_files`),
      files: [box.file("own/key", "k\n")],
    };
    assert.equal(box.run(own, "apply").code, 0);
    fs.writeFileSync(path.join(folder, "theirs"), "somebody's");
    assert.equal(box.run(own, "remove").code, 0);
    assert.deepEqual(fs.readdirSync(folder), ["theirs"]);
    fs.rmSync(path.join(folder, "theirs"));
    fs.rmdirSync(folder);
    assert.equal(box.run(own, "apply").code, 0);
    assert.equal(box.run(own, "remove").code, 0);
    assert.ok(!box.exists("own"));
  });
});
