import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { HoldKeeper, renderHold } from "../../../components/remote/hold";

/** Stands in for OpenSSH's client: notes each run, and fails where told. */
const SSH = `#!/bin/sh
cat >>"$SEEN/runs"
[ ! -e "$SEEN/refuse" ] || { cat "$SEEN/refuse" >&2; exit 255; }
`;

describe("a hold at the power controller", () => {
  const before = { PATH: process.env.PATH, SEEN: process.env.SEEN };
  const relay = {
    machine: {
      ...{ name: "maple", address: "192.0.2.1", sshPort: 22, sshUser: "ops" },
      ...{ sleeps: false, offline: false },
    },
  };
  let folder: string;
  let time = 0;
  let said: string[] = [];
  const note = (level: string) => (text: string) => {
    said.push(`${level}: ${text}`);
    return Promise.resolve();
  };
  const log = { info: note("info"), warn: note("warning") };
  const runs = (): number =>
    fs.readFileSync(path.join(folder, "runs"), "utf8").split("--for 1800s").length - 1;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "hold-test-"));
    fs.writeFileSync(path.join(folder, "ssh"), SSH, { mode: 0o755 });
    process.env.PATH = `${folder}:${before.PATH ?? ""}`;
    process.env.SEEN = folder;
    said = [];
  });
  afterEach(() => {
    process.env.PATH = before.PATH;
    delete process.env.SEEN;
    fs.rmSync(folder, { recursive: true });
  });

  it("is asked for once for many resources, and again before it ends", async () => {
    const keeper = new HoldKeeper(relay, () => time);
    await Promise.all([keeper.hold("hazel"), keeper.hold("hazel"), keeper.hold("storage")]);
    assert.equal(runs(), 2);
    time = 599_999;
    await keeper.hold("hazel");
    assert.equal(runs(), 2);
    time = 600_000;
    await keeper.hold("hazel");
    assert.equal(runs(), 3);
  });

  it("only warns if the controller does not answer or is offline", async () => {
    fs.writeFileSync(path.join(folder, "refuse"), "No route to host");
    await new HoldKeeper(relay, Date.now, log).hold("hazel");
    assert.equal(runs(), 1);
    const away = { unreachable: "the controller maple is marked offline" };
    await new HoldKeeper(away, Date.now, log).hold("hazel");
    assert.equal(runs(), 1);
    const follows = "it may be put to sleep while this run works on it";
    assert.deepEqual(said, [
      `warning: hazel is not held awake by maple: No route to host; ${follows}`,
      `warning: hazel is not held awake: ${away.unreachable}; ${follows}`,
    ]);
  });

  it("is skipped without a warning if no controller is installed yet", async () => {
    const { status, stderr } = spawnSync("sh", ["-eus"], {
      input: renderHold("x"),
      encoding: "utf8",
    });
    assert.equal(status, 3);
    fs.writeFileSync(path.join(folder, "refuse"), stderr);
    await new HoldKeeper(relay, Date.now, log).hold("hazel");
    assert.deepEqual(said, [
      "info: hazel is not held awake by maple: no power controller is installed there yet",
    ]);
  });

  it("sends machine, length and reason to the controller", () => {
    const script = renderHold("hazel");
    const ran = spawnSync("sh", ["-eus"], {
      input: script.replace("/usr/local/bin/vmstation-hold.sh", "/usr/bin/echo"),
      encoding: "utf8",
    });
    assert.equal(ran.stdout, "hazel --for 1800s --why pulumi up\n");
  });
});
