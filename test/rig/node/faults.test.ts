import assert from "node:assert/strict";
import type { ApplyArgs, ApplyResult } from "../engine/apply";
import type { Machine } from "../machine";
import type { Rig } from "../rig";
import { useRig } from "../use-rig";
import { waitFor } from "../wait";
import { assertApplied, explain, Lab } from "./lab";

const HURRIED = ["remote.dialTimeout=1s", "remote.dialAttempts=3"];
/**
 * Every step that has something to do on a bare machine of the rig, by resource and in order, and what gives it
 * something to do again: steps whose connection was cut come to their end anyway.
 */
const CHANGING = {
  system: {
    identity: "sed -i /vmstation/d /etc/hosts",
    packages: "apt-get -qq purge -y ethtool >/dev/null 2>&1",
    kernel: "rm -f /etc/sysctl.d/99-zz-vmstation.conf",
    time: "rm -f /etc/chrony/chrony.conf",
    logs: "rm -f /etc/rsyslog.d/10-vmstation.conf",
  },
  access: {
    firewall: "rm -f /etc/vmstation/firewall.nft",
    sshd: "rm -f /etc/ssh/sshd_config.d/00-vmstation.conf",
  },
};

const AT_REST = "flock -n /run/vmstation/lock true && ! systemctl -q is-active vmstation-packages";

/** One machine is enough here, and quicker. */
const ONE: Partial<ApplyArgs> = {
  target: (urn) => /:Preflight|::node-hazel/.test(urn),
};

describe("a machine, when something goes wrong", () => {
  const getRig = useRig();
  let rig: Rig;
  let lab: Lab;
  let machine: Machine;

  const up = (
    settings: readonly string[] = [],
    more: Partial<ApplyArgs> = {},
  ): Promise<ApplyResult> => lab.up(settings, { ...ONE, ...more });

  /** Applies until the output matches, and there cuts the connection from the machine's side. */
  const upUntil = async (cut: RegExp, settings: readonly string[] = []): Promise<ApplyResult> => {
    let text = "";
    let done: Promise<unknown> | undefined;
    const result = await up(settings, {
      onOutput: (chunk) => {
        text += chunk;
        if (cut.test(text)) done ??= machine.exec("pkill -KILL -f '^sshd: ops'");
      },
    });
    await done;
    return result;
  };

  const converges = async (settings: readonly string[] = []): Promise<void> => {
    const result = await up(settings);
    assertApplied(result, lab);
    assert.equal((await machine.exec("nft list tables")).stdout.trim(), "table inet vmstation");
    assert.equal((await rig.ssh(machine, "sudo -n true")).code, 0);
    assert.equal((await machine.exec("ls -A /var/lib/vmstation/guard")).stdout, "");
  };

  /** Until nothing is done on the machine any more. */
  const atRest = (): Promise<unknown> =>
    waitFor("the steps to end", async () => {
      const { code } = await machine.exec(AT_REST, { anyCode: true });
      return code === 0;
    });

  /** Where, what and what to do, and not the script itself. */
  const complains = (result: ApplyResult, step: string, cause: RegExp, advice: RegExp): void => {
    const failed = result.steps.find((s) => s.name === step && s.operation === "fail");
    assert.ok(failed, explain(result, lab));
    const text = `${failed.error ?? ""}\n${lab.output}`;
    assert.match(text, cause, text);
    assert.match(text, advice);
    assert.doesNotMatch(failed.error ?? "", /ensure_file\(\)|END_OF_FILE/);
  };

  before(() => {
    rig = getRig();
    machine = rig.machine("hazel");
  });

  beforeEach(async function () {
    this.timeout(300_000);
    lab = new Lab(rig);
    await machine.reset();
  });

  afterEach(() => {
    lab.remove();
  });

  it("converges after its connection was cut in the middle of each step", async () => {
    const steps = Object.entries(CHANGING).flatMap(([resource, undone]) =>
      Object.entries(undone).map(([step, undo]) => ({ resource, step, undo })),
    );
    for (const { resource, step, undo } of steps) {
      await machine.exec(undo);
      const cut = await upUntil(new RegExp(`^${step}: changing`, "m"));
      assert.deepEqual(cut.names("fail"), [`node-hazel-${resource}`], explain(cut, lab));
      assert.equal((await rig.ssh(machine, "sudo -n true")).code, 0);
      await atRest();
    }
    await converges();
  });

  it("converges although sshd is restarted meanwhile", async () => {
    const running = up();
    await waitFor("the packages", async () =>
      (
        await machine.exec("ls /var/lib/vmstation/run/packages 2>/dev/null", { anyCode: true })
      ).stdout.includes("log"),
    );
    await machine.exec("systemctl restart ssh");
    const result = await running;
    if (result.names("fail").length > 0) await converges();
    else assert.deepEqual(result.names("fail"), []);
  });

  it("converges after a reboot in the middle of the packages", async () => {
    const running = up(HURRIED);
    await waitFor("the packages", async () =>
      (
        await machine.exec("ls /var/lib/vmstation/run/packages 2>/dev/null", { anyCode: true })
      ).stdout.includes("log"),
    );
    await machine.powerOff();
    const result = await running;
    assert.deepEqual(result.names("fail"), ["node-hazel-system"]);
    await machine.boot();
    await converges();
  });

  it("says so where its disk is full, before it starts and half-way, and converges once there is room", async () => {
    await machine.disk.fill(64);
    const before = await up();
    complains(before, "preflight-hazel", /file system of \/: found \d+ MB/, /give \/ more room/);
    await machine.disk.empty();
    let filled: Promise<void> | undefined;
    const halfway = await up([], {
      onOutput: (text) => {
        if (text.includes("identity: changing")) filled ??= machine.disk.fill(8);
      },
    });
    await filled;
    const [failed = ""] = halfway.names("fail");
    complains(halfway, failed, /No space left|cannot write|disk|space/i, /to do|df /);
    assert.equal((await rig.ssh(machine, "true")).code, 0);
    await machine.disk.empty();
    await converges();
  });

  it("says so where a file system is read-only, and converges once it can be written", async () => {
    await machine.exec("mount --bind /etc /etc && mount -o remount,bind,ro /etc");
    const result = await up();
    complains(
      result,
      result.names("fail")[0] ?? "",
      /read-only|Read-only|cannot write in \/etc/i,
      /to do|findmnt/,
    );
    // hostnamed keeps a view of its own of the file systems that were there when it started.
    await machine.exec("umount /etc; systemctl stop systemd-hostnamed");
    await converges();
  });

  it("says so where there is no sudo, having changed nothing", async () => {
    await machine.exec("mkdir /root/away && mv /etc/sudoers.d/* /root/away/");
    const before = (await machine.exec("find /etc /var/lib -newer /root/away -type f | sort"))
      .stdout;
    const result = await up();
    complains(result, "preflight-hazel", /sudo: a password is required/, /sudo/);
    assert.deepEqual(result.names("fail"), ["preflight-hazel"]);
    const after = (
      await machine.exec(
        "find /etc /var/lib -newer /root/away -type f | grep -v /var/lib/sudo | sort",
      )
    ).stdout;
    assert.equal(after, before);
    await machine.exec("mv /root/away/* /etc/sudoers.d/");
    await converges();
  });

  it("waits for another package manager to be done", async () => {
    await machine.exec(
      "systemd-run -q --unit=rig-dpkg python3 -c " +
        `"import fcntl,time; f=open('/var/lib/dpkg/lock-frontend','w'); fcntl.lockf(f,fcntl.LOCK_EX); time.sleep(6)"`,
    );
    await converges();
  });

  it("is refused with another host key than the pinned one, and left as it is", async () => {
    const other = rig.machine("maple").hostKey;
    const result = await up([...HURRIED, `machines.hazel.hostKey=${other}`]);
    assert.deepEqual(result.names("fail"), ["preflight-hazel"]);
    complains(result, "preflight-hazel", /another host key/, /vmstation trust hazel --stack \S+/);
    assert.equal(
      (await machine.exec("ls /var/lib/vmstation 2>/dev/null", { anyCode: true })).stdout,
      "",
    );
  });

  it("does not keep the others from converging while it cannot be reached", async () => {
    await machine.cutLink();
    // Of the machines only maple is always on: one that sleeps would be woken for longer.
    const result = await lab.up([...HURRIED, "power.wakeTimeout=2s"]);
    await machine.restoreLink();
    assert.deepEqual(result.names("fail"), ["preflight-hazel"]);
    complains(
      result,
      "preflight-hazel",
      /hazel did not wake: no SSH at 10\.213\.0\.62:22/,
      /machines\.hazel\.offline/,
    );
  });

  it("serves two operators one after the other", async () => {
    const second = new Lab(rig);
    const [one, two] = await Promise.all([up(), second.up([], ONE)]);
    assert.deepEqual(
      [one.names("fail"), two.names("fail")],
      [[], []],
      explain(one, lab) + explain(two, second),
    );
    second.remove();
    await converges();
  });

  it("takes back a firewall that nobody confirmed, and has it confirmed by the next run", async () => {
    const cut = await upUntil(/^firewall: changing vmstation-firewall\.service/m);
    assert.deepEqual(cut.names("fail"), ["node-hazel-access"], explain(cut, lab));
    await atRest();
    assert.equal(
      (await machine.exec("systemctl is-active vmstation-guard-firewall.timer")).stdout.trim(),
      "active",
    );
    // What the timer does when its two minutes are over.
    await machine.exec("systemctl start --wait vmstation-guard-firewall.service");
    assert.equal((await machine.exec("nft list tables")).stdout.trim(), "");
    await converges();
  });
});
