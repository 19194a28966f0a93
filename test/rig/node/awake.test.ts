import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { CommandResult } from "../command";
import type { ApplyArgs } from "../engine/apply";
import type { Machine } from "../machine";
import type { Rig } from "../rig";
import { useRig } from "../use-rig";
import { waitFor } from "../wait";
import { assertApplied, Lab } from "./lab";

const ONE: Partial<ApplyArgs> = {
  target: (urn) => /:Preflight|::node-hazel/.test(urn),
};

/** A validator of the step "time" that waits until it is let go on. */
const SLOW_CHRONYD = `
mkfifo /root/gate
cat >/usr/local/sbin/chronyd <<'END'
#!/bin/sh
: >/root/reached
read -r _ </root/gate
exec /usr/sbin/chronyd "$@"
END
chmod 755 /usr/local/sbin/chronyd
`;

/** Another package manager at work, for as long as its unit runs. */
const HOLDER = `
cat >/root/hold.py <<'END'
import fcntl, signal
with open("/var/lib/dpkg/lock-frontend", "a") as lock:
    fcntl.lockf(lock, fcntl.LOCK_EX)
    signal.pause()
END
systemd-run -q --collect --unit=rig-holder python3 /root/hold.py
`;

/** The power layer's own part on a machine that sleeps, which this suite does not install. */
const AGENT = readFileSync(path.join(__dirname, "../../../components/power/files/power-agent.py"));

const INSTALL_AGENT = `
mkdir -p /etc/vmstation
echo '{"nic": "eno1", "mac": "", "agentUser": "x", "exports": [], "alarm": 60, "testAlarm": 60}' >/etc/vmstation/power-agent.json
base64 -d >/root/agent.py <<'END'
${AGENT.toString("base64")}
END
`;

describe("a machine that is worked on", () => {
  const getRig = useRig();
  let rig: Rig;
  let lab: Lab;
  let machine: Machine;

  const locks = async (): Promise<string> => {
    const { stdout } = await machine.exec("systemd-inhibit --list --no-legend --no-pager");
    return stdout
      .split("\n")
      .filter((line) => line.startsWith("vmstation "))
      .join("\n");
  };
  const untilLocked = (lock: RegExp): Promise<boolean> =>
    waitFor(`the lock ${String(lock)}`, async () => lock.test(await locks()), 120_000);
  const agent = (verb: string): Promise<CommandResult> =>
    machine.exec(`python3 /root/agent.py ${verb}`, { anyCode: true });
  const isRefused = async (verb: string, by: string): Promise<void> => {
    const { code, stderr } = await agent(verb);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^power-agent: vmstation forbids it: ${by}$`, "m"));
    assert.equal(machine.state, "on");
  };

  before(() => {
    rig = getRig();
    machine = rig.machine("hazel");
  });
  beforeEach(async () => {
    lab = new Lab(rig);
    await machine.reset();
    await machine.exec(INSTALL_AGENT);
  });
  afterEach(() => {
    lab.remove();
  });

  it("does not go to sleep in the middle of a step, and may again afterwards", async () => {
    await machine.exec(SLOW_CHRONYD);
    const running = lab.up([], ONE);
    await waitFor(
      "the step",
      async () => (await machine.exec("test -e /root/reached", { anyCode: true })).code === 0,
      120_000,
    );
    await untilLocked(/ sleep +system +block$/m);
    await isRefused("suspend", "system");
    await machine.exec("echo on >/root/gate");
    assertApplied(await running, lab);
    assert.equal(await locks(), "");
    assert.equal((await agent("suspend")).code, 0);
    await machine.waitForState("asleep");
    await rig.sendMagicPacket(machine.mac);
    await machine.waitForState("on");
  });

  it("neither sleeps nor switches itself off under a long step, also while nobody watches", async () => {
    await machine.exec(HOLDER);
    const running = lab.up(["remote.dialTimeout=1s", "remote.dialAttempts=3"], ONE);
    await untilLocked(/ shutdown:sleep +packages +block$/m);
    await machine.exec("pkill -KILL -f '^sshd: ops'");
    assert.deepEqual((await running).names("fail"), ["node-hazel-system"]);
    await waitFor("the step to end", async () => !/ sleep +system/.test(await locks()));
    await isRefused("suspend", "packages");
    await isRefused("poweroff", "packages");
    await machine.exec("systemctl stop rig-holder.service");
    assertApplied(await lab.up([], ONE), lab);
    assert.equal(await locks(), "");
  });
});
