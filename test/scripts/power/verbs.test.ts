import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { VerbLab } from "./verb-lab";

describe("the verbs for sleep, against the controller itself", () => {
  let lab: VerbLab;
  before(async () => {
    lab = await VerbLab.start();
  });
  after(() => {
    lab.stop();
  });
  beforeEach(() => {
    lab.reset();
  });

  it("power shows every machine, and --json what the controller knows", async () => {
    const shown = await lab.call("power");
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /^maple +awake .* always on$/m);
    assert.match(shown.stdout, /^hazel +awake /m);
    const { stdout } = await lab.call("power", "--json");
    assert.match(stdout, /"version": 1,\n {2}"stack": "rig",\n {2}"machines": \[/);
    assert.match((await lab.call("power", "tset")).stderr, /'tset' is invalid .* choices are test/);
  });

  it("power says that the whole cluster is down on purpose", async () => {
    const folder = path.join(lab.folder, "state/cluster");
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, "spun-down"), "");
    assert.match(
      (await lab.call("power")).stdout,
      /spun down\. To switch it on: npx vmstation spin-up --stack rig\n$/,
    );
    fs.rmSync(folder, { recursive: true });
  });

  it("power test ends with 2 and the reason where it cannot be tried", async () => {
    lab.answer({ sessions: ["ann"] });
    const { code, stdout } = await lab.call("power", "test", "hazel");
    assert.deepEqual([code, stdout], [2, "hazel: no: ann is logged in\n"]);
  });

  it("hold keeps a machine awake, sleep says so, and release ends it", async () => {
    const held = await lab.call("hold", "hazel", "--for", "3h", "--why", "it's a build");
    assert.match(held.stdout, /^hazel: awake, held until .* \(it's a build\)\n$/);
    const refused = await lab.call("sleep", "hazel");
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /^hazel: no: held until .*: it's a build\n$/);
    assert.match(
      refused.stderr,
      /^To release it: npx vmstation hold hazel --release --stack rig$/m,
    );
    const released = await lab.call("hold", "hazel", "--release");
    assert.equal(released.stdout, "hazel: awake, not held\n");
  });

  it("a hold's dry run asks nobody", async () => {
    const { stdout } = await lab.call("hold", "hazel", "--for", "3h", "--why", "x", "--dry-run");
    assert.equal(stdout, "would hold hazel\n");
    assert.equal(fs.existsSync(path.join(lab.folder, "ssh.log")), false);
  });

  it("sleep and hold are for machines that sleep", async () => {
    for (const [verb = "", ...options] of [["sleep"], ["hold", "--for", "1h", "--why", "x"]]) {
      const refused = await lab.call(verb, "maple", ...options);
      assert.deepEqual([refused.code, refused.stdout], [2, ""]);
      assert.match(refused.stderr, /maple never sleeps/);
      assert.match((await lab.call(verb, "nobody", ...options)).stderr, /no machine nobody/);
    }
  });

  it("wake leaves a machine alone that is up, with and without a controller", async () => {
    const woken = await lab.call("wake", "hazel");
    assert.match(woken.stdout, /^hazel: awake and in service after \d+ s\n$/);
    fs.rmSync(path.join(lab.folder, "vmstation-wake.sh"));
    const alone = await lab.call("wake", "hazel");
    assert.match(alone.stdout, /^hazel: its SSH answers after 0 s\n$/);
    assert.match(alone.stderr, /The power controller is not installed on maple yet/);
  });

  it("wake goes on by itself where the controller breaks down", async () => {
    for (const text of [
      "echo 'vmstation: [Errno 28] No space left on device' >&2; exit 2",
      "exit 1",
    ]) {
      fs.writeFileSync(path.join(lab.folder, "vmstation-wake.sh"), `#!/bin/sh\n${text}\n`);
      const alone = await lab.call("wake", "hazel");
      assert.match(alone.stdout, /^hazel: its SSH answers after \d+ s\n$/);
      assert.match(alone.stderr, /gave no readable answer .*; waking hazel without it\n/);
      assert.equal(alone.code, 0);
    }
  });

  it("dry runs of wake and power test change nothing", async () => {
    assert.equal((await lab.call("wake", "hazel", "--dry-run")).stdout, "hazel: is up\n");
    lab.answer({ sessions: ["ann"] });
    const tested = await lab.call("power", "test", "hazel", "--dry-run");
    assert.deepEqual([tested.code, tested.stdout], [1, "hazel: no: ann is logged in\n"]);
    const asked = fs.readFileSync(path.join(lab.folder, "ssh.log"), "utf8");
    assert.equal(asked, "entry sleep\n");
    assert.match(fs.readFileSync(path.join(lab.folder, "script"), "utf8"), /'--dry-run'/);
  });

  it("ssh passes the exit code on, and holds the machine for as long as the session lasts", async () => {
    const { code } = await lab.call("ssh", "hazel", "--", "exit", "7");
    assert.equal(code, 7);
    const asked = fs.readFileSync(path.join(lab.folder, "ssh.log"), "utf8").split("\n");
    assert.deepEqual(asked, ["entry hold", "session exit 7", "entry release", ""]);
  });

  it("spin-down names who uses a machine and touches none of them", async () => {
    lab.answer({ sessions: ["ann"] });
    const { code, stdout } = await lab.call("spin-down", "--yes");
    assert.equal(code, 1);
    assert.match(stdout, /^hazel: no: ann is logged in\nspruce: no: ann is logged in\n$/);
  });

  it("spin-down and spin-up show their order, and ask", async () => {
    const down = await lab.call("spin-down", "--dry-run", "--even-if-in-use");
    assert.equal(down.code, 0);
    assert.match(down.stderr, /^1\. hazel .*\n2\. spruce .*\n3\. maple /m);
    const up = await lab.call("spin-up", "--dry-run", "--json");
    assert.match(up.stdout, /"maple",\n +"spruce",\n +"hazel"/);
    assert.match((await lab.call("spin-down", "--even-if-in-use")).stderr, /--yes/);
    assert.match((await lab.call("spin-up")).stderr, /--yes/);
  });

  it("leave nothing behind", () => {
    const left = fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith("vmstation-ssh-"));
    assert.deepEqual(left, []);
  });
});
