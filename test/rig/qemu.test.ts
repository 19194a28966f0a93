import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Rig } from "./rig";
import { useRig } from "./use-rig";
import type { VirtualMachine } from "./virtual-machine";

describe("the QEMU machine", () => {
  const getRig = useRig();
  let rig: Rig;
  let machine: VirtualMachine;

  before(async () => {
    rig = getRig();
    machine = await rig.qemu();
  });

  it("runs systemd without a failed unit, and lets ops in over SSH", async () => {
    const { stdout } = await machine.exec("systemctl --failed --no-legend --plain");
    assert.equal(stdout, "");
    assert.equal((await rig.ssh(machine, "sudo -n id -u")).stdout, "0\n");
  });

  it("loads kernel modules and sets the kernel's own settings, not the host's", async () => {
    await machine.exec("modprobe -a br_netfilter overlay ip_set ipip nf_conntrack nfsd");
    const { stdout } = await machine.exec("lsmod");
    for (const name of ["br_netfilter", "overlay", "ip_set", "ipip", "nf_conntrack", "nfsd"])
      assert.match(stdout, new RegExp(`^${name} `, "m"));
    const before = readFileSync("/proc/sys/kernel/panic", "utf8");
    await machine.exec("sysctl -qw kernel.panic=77");
    assert.equal(readFileSync("/proc/sys/kernel/panic", "utf8"), before);
  });

  it("swaps, and mounts a disk by its UUID", async () => {
    await machine.exec("mkswap -q /dev/vdb && swapon /dev/vdb");
    assert.match((await machine.exec("swapon --show=NAME --noheadings")).stdout, /^\/dev\/vdb$/m);
    await machine.exec("swapoff /dev/vdb");
    await machine.exec(
      "mkfs.ext4 -q -U 6f1c1a52-0d4b-4f43-9d3f-0d5f3e1f7a10 /dev/vdc && udevadm settle && " +
        "mount UUID=6f1c1a52-0d4b-4f43-9d3f-0d5f3e1f7a10 /mnt && touch /mnt/there && umount /mnt",
    );
  });

  it("exports a folder by NFS and mounts it", async () => {
    await machine.exec(
      `systemctl start nfs-server
       mkdir -p /srv/media && echo film > /srv/media/film
       echo '/srv/media 10.213.0.0/24(ro,no_subtree_check)' > /etc/exports && exportfs -ra
       mount -t nfs -o vers=4.2,soft,timeo=50 ${machine.address}:/srv/media /mnt`,
    );
    assert.equal((await machine.exec("cat /mnt/film")).stdout, "film\n");
    await machine.exec("umount /mnt");
  });

  it("has a clock that can be set, which is not the host's", async () => {
    await machine.exec("timedatectl set-ntp false; date -s 2031-01-02T03:04:05Z");
    const { stdout } = await machine.exec("date -u +%Y");
    assert.equal(stdout, "2031\n");
    assert.notEqual(new Date().getUTCFullYear(), 2031);
    await machine.exec("hwclock --hctosys --utc");
  });

  it("suspends for real, and wakes by its magic packet", async () => {
    await machine.exec("systemctl --no-block suspend");
    await machine.waitForState("asleep", 60_000);
    await assert.rejects(rig.ssh(machine, "true"), /timed out|No route to host/);
    await rig.sendMagicPacket(machine.mac);
    await machine.waitForState("on");
    await machine.waitUntilUp();
    assert.match((await machine.exec("dmesg")).stdout, /PM: suspend exit/);
  });

  it("keeps its disk over a reboot and over a loss of power", async () => {
    await machine.exec("echo kept > /root/kept; sync");
    await machine.reboot();
    assert.equal((await machine.exec("cat /root/kept")).stdout, "kept\n");
    await machine.powerOff();
    await machine.boot();
    assert.equal((await machine.exec("cat /root/kept")).stdout, "kept\n");
  });
});
