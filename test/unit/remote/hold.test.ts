import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { HoldKeeper, renderHold } from "../../../components/remote/hold";

/** Stands in for OpenSSH's client: notes each run, and fails where told. */
const SSH = `#!/bin/sh
cat >>"$SEEN/runs"
[ ! -e "$SEEN/refuse" ] || { echo 'No route to host' >&2; exit 255; }
`;

describe("a hold at the power controller", () => {
  const before = { PATH: process.env.PATH, SEEN: process.env.SEEN };
  const relay = {
    machine: {
      ...{ name: "masternode", address: "192.0.2.1", sshPort: 22, sshUser: "ops" },
      ...{ sleeps: false, offline: false },
    },
  };
  let folder: string;
  let time = 0;
  const runs = (): number =>
    fs.readFileSync(path.join(folder, "runs"), "utf8").split("--for 1800s").length - 1;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "hold-test-"));
    fs.writeFileSync(path.join(folder, "ssh"), SSH, { mode: 0o755 });
    process.env.PATH = `${folder}:${before.PATH ?? ""}`;
    process.env.SEEN = folder;
  });
  afterEach(() => {
    process.env.PATH = before.PATH;
    delete process.env.SEEN;
    fs.rmSync(folder, { recursive: true });
  });

  it("is asked for once for many resources, and again before it ends", async () => {
    const keeper = new HoldKeeper(relay, () => time);
    await Promise.all([keeper.hold("homelab"), keeper.hold("homelab"), keeper.hold("storage")]);
    assert.equal(runs(), 2);
    time = 599_999;
    await keeper.hold("homelab");
    assert.equal(runs(), 2);
    time = 600_000;
    await keeper.hold("homelab");
    assert.equal(runs(), 3);
  });

  it("stops nothing where the controller does not answer, or where there is none", async () => {
    fs.writeFileSync(path.join(folder, "refuse"), "");
    await new HoldKeeper(relay).hold("homelab");
    assert.equal(runs(), 1);
    await new HoldKeeper(undefined).hold("homelab");
    assert.equal(runs(), 1);
  });

  it("is no failure where no controller is installed, and says machine, length and reason where one is", () => {
    const script = renderHold("homelab");
    assert.equal(spawnSync("sh", ["-eus"], { input: script }).status, 0);
    const ran = spawnSync("sh", ["-eus"], {
      input: script.replace("/usr/local/bin/vmstation-hold.sh", "/usr/bin/echo"),
      encoding: "utf8",
    });
    assert.equal(ran.stdout, "homelab --for 1800s --why pulumi up\n");
  });
});
