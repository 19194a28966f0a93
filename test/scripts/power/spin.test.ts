import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOrder, listUp, renderOrder } from "../../../scripts/kit/spin-order";
import { renderPowerOff } from "../../../scripts/verbs/spin-down/power-off";
import { homelabSite } from "../../support/site";

describe("the order in which the whole cluster goes down", () => {
  it("is workers, storage, control planes, the controller last, and the other way round up", () => {
    const order = findOrder(homelabSite());
    assert.equal(
      renderOrder(order, true),
      "1. hazel (worker): cordon, marked workloads to 0, power off\n" +
        "2. spruce (storage): cordon, marked workloads to 0, power off\n" +
        "3. maple (always on): power off\n",
    );
    assert.equal(
      renderOrder(order, false),
      "1. maple (always on): magic packet, until SSH answers\n" +
        "2. spruce (storage): magic packet, Ready, uncordon, workloads back\n" +
        "3. hazel (worker): magic packet, Ready, uncordon, workloads back\n",
    );
    assert.deepEqual(listUp(order), ["maple", "spruce", "hazel"]);
  });

  it("leaves out a machine that is away", () => {
    const order = findOrder(homelabSite([["machines", "hazel", "offline"], true]));
    assert.deepEqual(listUp(order), ["maple", "spruce"]);
  });
});

describe("switching off a machine that never sleeps", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "power-off-"));
    program("systemctl", 'echo "systemctl $*" >>"$LOG"');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const program = (name: string, text: string): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  const run = () => {
    const log = join(folder, "log");
    const env = { PATH: `${folder}:/usr/bin:/bin`, LOG: log };
    const ran = spawnSync("sh", ["-eus"], {
      input: renderPowerOff({ nic: "eno1", address: "192.0.2.9", mac: "00:11:22:33:44:55" }),
      env,
      encoding: "utf8",
    });
    return { ...ran, log: spawnSync("cat", [log], { encoding: "utf8" }).stdout };
  };
  const ethtool = (supported: string, on: string): void => {
    program(
      "ethtool",
      'if [ "$1" = --change ]; then echo "ethtool $*" >>"$LOG"; touch "$LOG.armed"; exit; fi\n' +
        `printf '\\tSupports Wake-on: ${supported}\\n'\n` +
        `if [ -e "$LOG.armed" ]; then printf '\\tWake-on: g\\n'; else printf '\\tWake-on: ${on}\\n'; fi`,
    );
  };

  it("arms its NIC first, so that a magic packet can switch it on again", () => {
    ethtool("pumbg", "d");
    const { status, stdout, log } = run();
    assert.deepEqual(
      [status, stdout, log],
      [0, "armed\n", "ethtool --change eno1 wol g\nsystemctl --no-block poweroff\n"],
    );
  });

  it("changes nothing where it is armed, and says where it cannot be", () => {
    ethtool("pumbg", "g");
    assert.deepEqual(run().log, "systemctl --no-block poweroff\n");
    ethtool("d", "d");
    const { stdout, log } = run();
    assert.equal(stdout, "not armed\n");
    assert.match(log, /systemctl --no-block poweroff\n$/);
  });

  it("leaves the machine on where the NIC cannot be armed though it says so", () => {
    program("ethtool", 'printf "\\tSupports Wake-on: g\\n"; [ "$1" != --change ] || exit 1');
    const { status, log } = run();
    assert.deepEqual([status === 0, log], [false, ""]);
  });
});
