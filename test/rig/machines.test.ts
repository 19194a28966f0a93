import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { run } from "./command";
import type { Machine } from "./machine";
import { SCRIPTS } from "./run-context";
import type { Rig } from "./rig";
import { useRig } from "./use-rig";

describe("the rig's machines", () => {
  const getRig = useRig();
  let rig: Rig;
  let machine: Machine;

  before(() => {
    rig = getRig();
    machine = rig.machine("hazel");
  });

  it("run systemd without a failed unit", async () => {
    for (const { name, exec } of bound(rig.machines)) {
      const { stdout } = await exec("systemctl --failed --no-legend --plain");
      assert.equal(stdout, "", `failed on ${name}`);
    }
  });

  it("let ops in over SSH, with the host key that they announce, and let it be root", async () => {
    for (const each of rig.machines) {
      const { stdout } = await rig.ssh(each, "sudo -n id -u; ip -o -4 address show up");
      assert.match(stdout, /^0\n/);
      assert.ok(stdout.includes(`${each.nic}    inet ${each.address}/24`), stdout);
    }
  });

  it("reach each other and nothing else", async () => {
    for (const { exec } of bound(rig.machines))
      for (const other of rig.machines) await exec(`ping -c 1 -W 2 ${other.address}`);
    const links = await run("ip", ["-o", "link"]);
    const names = [...links.stdout.matchAll(/^\d+: ([^:@]+)/gm)].map(([, name]) => name);
    assert.deepEqual(names.sort(), ["cable0", "cable1", "cable2", "lo", "rig0"]);
    assert.equal((await run("ip", ["route", "show", "default"])).stdout, "");
    assert.equal(readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8").trim(), "0");
    await assert.rejects(open("198.51.100.1"), { code: "ENETUNREACH" });
    const outside = await machine.exec("ping -c 1 -W 1 198.51.100.1", { anyCode: true });
    assert.notEqual(outside.code, 0);
  });

  it("install every package of the repository by apt, offline", async () => {
    const list = readFileSync(path.join(SCRIPTS, "packages-repository"), "utf8");
    const packages = list.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    await machine.exec("apt-get -qq update");
    // A second word is the only release of Debian that has the package. The machines here are bookworm.
    const had = packages
      .map((line) => line.split(" "))
      .filter(([, only = "bookworm"]) => only === "bookworm");
    for (const [name] of had)
      await machine.exec(`apt-get -qq --simulate --no-install-recommends install ${name}`);
    await machine.exec(
      "DEBIAN_FRONTEND=noninteractive apt-get -qqy --no-install-recommends install chrony ethtool",
    );
    assert.equal((await machine.exec("systemctl is-active chrony")).stdout, "active\n");
  });

  it("keep kernel settings to themselves", async () => {
    const keys = ["vm/max_map_count", "fs/file-max", "kernel/pid_max", "net/core/somaxconn"];
    for (const key of keys) {
      const host = readFileSync(`/proc/sys/${key}`, "utf8");
      await machine.exec(`echo 4444444 > /proc/sys/${key}`);
      assert.equal((await machine.exec(`cat /proc/sys/${key}`)).stdout, "4444444\n", key);
      assert.equal(readFileSync(`/proc/sys/${key}`, "utf8"), host, key);
    }
  });

  it("lose on a reboot what a reboot loses, and keep the rest", async () => {
    const boot = async (): Promise<string> =>
      (await machine.exec("cat /proc/sys/kernel/random/boot_id")).stdout;
    const before = await boot();
    await machine.exec("echo kept > /root/kept; echo lost > /run/lost; nft add table inet rig");
    await machine.exec("logger rig-before-the-reboot; sysctl -qw vm.max_map_count=70000");
    await machine.reboot();
    assert.notEqual(await boot(), before);
    assert.equal((await machine.exec("cat /root/kept; ls /run/lost || true")).stdout, "kept\n");
    assert.equal((await machine.exec("nft list ruleset")).stdout, "");
    await machine.exec("journalctl -b -1 --grep rig-before-the-reboot");
    assert.notEqual((await machine.exec("sysctl -n vm.max_map_count")).stdout, "70000\n");
  });

  it("sleep by systemctl suspend, answer nobody meanwhile, and wake by their magic packet", async () => {
    await machine.exec("systemctl suspend");
    await machine.waitForState("asleep");
    await assert.rejects(rig.ssh(machine, "true"), /Connection timed out|No route to host/);
    await rig.sendMagicPacket(rig.machine("maple").mac);
    assert.equal(machine.state, "asleep");
    await rig.sendMagicPacket(machine.mac);
    await machine.waitForState("on");
    await rig.ssh(machine, "true");
    assert.deepEqual(
      rig.magicPackets.map(({ mac, from }) => [mac, from]),
      [
        [rig.machine("maple").mac, rig.network.controller],
        [machine.mac, rig.network.controller],
      ],
    );
  });

  it("stop in the middle of what they do when frozen, and go on with it when thawed", async () => {
    await machine.exec("systemd-run -q --unit=count sh -c 'seq 1000000 > /run/counted; sleep 999'");
    await machine.freeze();
    assert.equal(machine.state, "asleep");
    await machine.thaw();
    assert.equal((await rig.ssh(machine, "systemctl is-active count")).stdout, "active\n");
  });

  it("boot from off by their magic packet, with one boot for several packets", async () => {
    await machine.shutDown();
    for (let packet = 0; packet < 3; packet++) await rig.sendMagicPacket(machine.mac);
    await machine.waitForState("on");
    await machine.waitUntilUp();
    assert.match(machine.console, /Reached target poweroff.target|Powering off/);
  });

  it("boot awake after their power was cut while they slept", async () => {
    await machine.freeze();
    await machine.powerOff();
    assert.equal(machine.state, "off");
    await machine.boot();
    await rig.ssh(machine, "true");
  });

  it("lose packets while the link is cut, and no connection", async () => {
    await machine.cutLink();
    await assert.rejects(rig.ssh(machine, "true"), /timed out|No route to host/);
    await machine.restoreLink();
    await rig.ssh(machine, "true");
  });

  it("have a disk that can be full, and that a reset empties", async () => {
    await machine.exec("echo changed > /etc/motd; apt-get -qqy purge nftables");
    await machine.disk.fill(1024);
    const write = await machine.exec("head -c 2M /dev/zero > /root/big", { anyCode: true });
    assert.match(write.stderr, /No space left on device/);
    await machine.disk.empty();
    await machine.exec("head -c 2M /dev/zero > /root/big");
    const { hostKey } = machine;
    await machine.reset();
    assert.equal(machine.hostKey, hostKey);
    assert.notEqual((await rig.ssh(machine, "cat /etc/motd")).stdout, "changed\n");
    await machine.exec("test ! -e /root/big; nft --version");
  });
});

function bound(machines: readonly Machine[]): { name: string; exec: Machine["exec"] }[] {
  return machines.map((each) => ({ name: each.name, exec: each.exec.bind(each) }));
}

function open(host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: 443, timeout: 3000 });
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", reject);
  });
}
