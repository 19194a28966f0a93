import assert from "node:assert/strict";
import type { Rig } from "../rig";
import { useRig } from "../use-rig";
import type { VirtualMachine } from "../virtual-machine";
import { waitFor } from "../wait";
import { assertApplied, Lab } from "./lab";
import { DISK_UUID, isVmStep, renderVmStack, SERVER } from "./vm-stack";
import { TimeServer } from "./vm-time-server";

const MODULES = ["overlay", "br_netfilter", "nf_conntrack", "ip_set", "ipip"];

/** A machine as its owner has it: swap, a disk with a label, one with a UUID only, and no module loaded yet. */
const PREPARE = `
mkfs.ext4 -q -L media /dev/vdb
mount /dev/vdb /mnt
echo film > /mnt/film
umount /mnt
mkfs.xfs -q -m uuid=${DISK_UUID} /dev/vdc
mkdir /srv/own
mount -t tmpfs own /srv/own
fallocate -l 32M /swapfile
chmod 600 /swapfile
mkswap -q /swapfile
swapon /swapfile
echo '/swapfile none swap sw 0 0' >> /etc/fstab
udevadm settle
`;

const COME_HOME = `ip address add ${SERVER}/24 dev enp3s0`;

/** NFS over loopback too, which our own firewall always accepts. */
const CLOSE_NFS =
  "nft 'table ip rig { chain in { type filter hook input priority 0; tcp dport 2049 drop; }; }'";
const OPEN_NFS = "nft delete table ip rig";

describe("a machine with a kernel of its own, prepared", () => {
  const getRig = useRig({ machines: [] });
  let rig: Rig;
  let lab: Lab;
  let vm: VirtualMachine;
  let timeServer: TimeServer | undefined;
  let fstab: string;

  const sh = async (command: string): Promise<string> => (await vm.exec(command)).stdout.trim();

  const code = async (command: string): Promise<number> =>
    (await vm.exec(command, { anyCode: true })).code;

  /** What is mounted there last, asked without a use of it: "systemd-1 autofs" where nothing was used lately. */
  const mounted = (path: string): Promise<string> =>
    sh(`awk '$2 == "${path}" { print $1, $3 }' /proc/mounts | tail -n 1`);

  const isIdle = async (): Promise<boolean> => (await mounted("/mnt/far")).endsWith(" autofs");

  before(async () => {
    rig = getRig();
    timeServer = await TimeServer.start(rig.network.controller);
    lab = new Lab(rig);
    vm = await rig.qemu();
    await vm.exec(PREPARE);
    await vm.exec(COME_HOME);
    fstab = await sh("cat /etc/fstab");
    const result = await lab.up(renderVmStack(vm), { target: isVmStep });
    assertApplied(result, lab);
  });

  after(() => {
    timeServer?.stop();
    lab.remove();
  });

  const assertKernel = async (): Promise<void> => {
    const loaded = await sh("lsmod");
    for (const name of MODULES) assert.match(loaded, new RegExp(`^${name} `, "m"));
    const keys = ["iptables", "ip6tables"].map((name) => `net.bridge.bridge-nf-call-${name}`);
    assert.equal(
      await sh(`sysctl -n ${keys.join(" ")} kernel.panic vm.max_map_count`),
      "1\n1\n10\n262144",
    );
    assert.equal(await sh("swapon --show --noheadings"), "");
  };

  it("has its modules loaded, the bridge's parameters set, and no swap", async () => {
    for (const name of MODULES) assert.match(lab.output, new RegExp(`loading ${name}$`, "m"));
    await assertKernel();
    assert.equal(
      await sh("cat /etc/fstab"),
      fstab.replace("/swapfile none", "#vmstation# /swapfile none"),
    );
  });

  it("mounts its disks by label and by UUID, each when it is first used", async () => {
    assert.equal(await mounted("/srv/data"), "systemd-1 autofs");
    assert.equal(await sh("cat /srv/media/film"), "film");
    assert.equal(await mounted("/srv/media"), "/dev/vdb ext4");
    await vm.exec("echo kept > /srv/data/file");
    assert.equal(await mounted("/srv/data"), "/dev/vdc xfs");
  });

  it("goes on without a disk that is missing, and says so to who asks for it", async () => {
    assert.equal(await code("timeout 60 ls /mnt/gone/."), 2);
    assert.equal(await sh("systemctl is-system-running"), "running");
  });

  it("leaves a file system alone that its owner has mounted by other means", async () => {
    assert.match(lab.output, /storage: \/srv\/own is mounted.* by other means; left as it is$/m);
    assert.equal(await mounted("/srv/own"), "own tmpfs");
    assert.equal(await sh("find /etc/systemd/system -name 'srv-own*'"), "");
  });

  it("exports a folder, read-only, by version 4 alone", async () => {
    assert.equal(await sh("cat /mnt/far/film"), "film");
    assert.equal(await mounted("/mnt/far"), `${SERVER}:/srv/media nfs4`);
    assert.match(await sh("cat /proc/fs/nfsd/versions"), /^-3 \+4/m);
    assert.equal(await sh("systemctl is-enabled nfs-server.service"), "enabled");
    await vm.exec(`mount -t nfs4 -o rw,soft ${SERVER}:/srv/media /mnt`);
    assert.notEqual(await code("touch /mnt/mine"), 0);
    await vm.exec("umount /mnt");
  });

  it("waits for no server that is away: neither df nor a log-in, nor for long what asks for a file", async () => {
    await waitFor("the mount to be let go of", isIdle, 60_000);
    await vm.exec(CLOSE_NFS);
    assert.equal(await code("timeout 5 df"), 0);
    assert.equal((await rig.ssh(vm, "df >/dev/null && echo in")).stdout, "in\n");
    assert.equal(await mounted("/mnt/far"), "systemd-1 autofs");
    assert.equal(await code("timeout 120 ls /mnt/far/."), 2);
    await vm.exec(OPEN_NFS);
  });

  it("lets a process be ended that asks a server which went away while it was mounted", async () => {
    assert.equal(await sh("ls /mnt/far/film"), "/mnt/far/film");
    await vm.exec(CLOSE_NFS);
    assert.equal(await code("timeout 4 df /mnt/far"), 124);
    assert.equal((await rig.ssh(vm, "echo in")).stdout, "in\n");
    await vm.exec(OPEN_NFS);
    assert.equal(await sh("ls /mnt/far/film"), "/mnt/far/film");
    await waitFor("the mount to be let go of", isIdle, 60_000);
  });

  it("steps a clock that is 100 s wrong", async () => {
    const error = async (): Promise<number> => Number(await sh("date +%s")) - Date.now() / 1000;
    await vm.exec("systemctl stop chrony && date -s '+100 seconds'");
    assert.ok(Math.abs((await error()) - 100) < 20);
    await vm.exec("systemctl start chrony");
    const isRight = async (): Promise<boolean> => Math.abs(await error()) < 5;
    await waitFor("the clock to be right", isRight, 120_000);
    const log = await sh("journalctl -q -u chrony -o cat");
    assert.match(log, /System clock was stepped by -(9[5-9]|10[0-5])\./);
  });

  it("boots without its NFS server and its missing disk, and has everything again", async () => {
    await vm.reboot();
    assert.equal(await code(`ip -br address | grep -F ${SERVER}`), 1);
    assert.equal(await sh("systemctl is-system-running"), "running");
    assert.equal(await code("timeout 5 df"), 0);
    await assertKernel();
    assert.equal(await sh("cat /srv/media/film /srv/data/file"), "film\nkept");
    assert.equal(
      await sh("systemctl is-active nfs-server.service chrony.service"),
      "active\nactive",
    );
    await vm.exec(COME_HOME);
    assert.equal(await sh("ls /mnt/far/film"), "/mnt/far/film");
    await waitFor("the mount to be let go of", isIdle, 60_000);
  });

  it("is as its owner had it once everything is taken away, the data on its disks", async () => {
    const result = await lab.destroy(renderVmStack(vm));
    assertApplied(result, lab);
    assert.equal(await sh("cat /etc/fstab"), fstab);
    assert.equal(await sh("find /etc -name '*vmstation*' -o -name 'srv-*' -o -name 'mnt-*'"), "");
    assert.equal(await sh("exportfs -s"), "");
    assert.equal(await code("systemctl is-enabled -q nfs-server.service"), 1);
    assert.equal(
      await sh("findmnt -rn -t autofs -o TARGET | grep -E '^/(srv|mnt)' || echo none"),
      "none",
    );
    await vm.exec("mount /dev/vdb /mnt");
    assert.equal(await sh("cat /mnt/film"), "film");
    await vm.exec("umount /mnt && mount /dev/vdc /mnt");
    assert.equal(await sh("cat /mnt/file"), "kept");
  });
});
