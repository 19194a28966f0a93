import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { HOMELAB } from "../machine-spec";
import { renderSeed } from "../proxmox-seed";
import type { Rig } from "../rig";
import { useRig } from "../use-rig";
import { QEMU, type VirtualMachine } from "../virtual-machine";
import { waitFor } from "../wait";
import { assertApplied, explain, Lab } from "./lab";
import { type HostKey, makeHostKey, SNIPPET } from "./vm-host-key";
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

const COME_HOME = `ip address add ${SERVER}/24 dev eth0`;

/** NFS over loopback too, which our own firewall always accepts. */
const CLOSE_NFS =
  "nft 'table ip rig { chain in { type filter hook input priority 0; tcp dport 2049 drop; }; }'";
const OPEN_NFS = "nft delete table ip rig";

/** Emulated on a busy host, seconds become minutes. */
const PATIENCE = 300_000;

/** The disk of /srv/media away, as one that is slow to come; and its unit's patience with it short. */
const PULL_DISK = `
systemctl stop nfs-server.service srv-media.mount
name=$(systemd-escape --path /dev/disk/by-label/media).device
mkdir -p "/run/systemd/system/$name.d"
printf '[Unit]\nJobRunningTimeoutSec=5\n' >"/run/systemd/system/$name.d/60-rig.conf"
systemctl daemon-reload
bus=$(readlink -f /sys/block/vdb/device/..)
echo 1 >"$bus/remove"
`;
const PLUG_DISK = "echo 1 >/sys/bus/pci/rescan; udevadm settle";

describe("a machine with a kernel of its own, prepared", () => {
  // The first one stands in for the Proxmox host that the machine is on.
  const getRig = useRig({ machines: HOMELAB.slice(0, 1) });
  let rig: Rig;
  let lab: Lab;
  let vm: VirtualMachine;
  let timeServer: TimeServer | undefined;
  let fstab: string;
  let keys: HostKey;
  let snippet: string;

  const settings = (): string[] =>
    renderVmStack({
      hypervisor: rig.machine("maple"),
      hostKey: keys.publicKey,
      operatorKey: readFileSync(`${rig.sshKeyFile}.pub`, "utf8").trim(),
    });
  const secrets = () => ({ proxmoxToken: "not asked", qemuHostKey: keys.privateKey });

  /** What Proxmox does: the CD-ROM for cloud-init, with what the program has brought to the host; and the first boot. */
  const makeMachine = async (inputs: unknown): Promise<void> => {
    snippet = (await rig.machine("maple").exec(`cat ${SNIPPET}`)).stdout;
    vm = await rig.qemu({
      files: renderSeed(inputs, QEMU.mac, snippet),
      hostKey: keys.publicKey,
    });
    await vm.exec(PREPARE);
    await vm.exec(COME_HOME);
    fstab = await sh("cat /etc/fstab");
  };

  const sh = async (command: string): Promise<string> => (await vm.exec(command)).stdout.trim();

  const code = async (command: string): Promise<number> =>
    (await vm.exec(command, { anyCode: true })).code;

  /** What is mounted there last, asked without a use of it: "systemd-1 autofs" where nothing was used lately. */
  const mounted = (path: string): Promise<string> =>
    sh(`awk '$2 == "${path}" { print $1, $3 }' /proc/mounts | tail -n 1`);

  const awaitIdle = (): Promise<boolean> => waitFor("the mount to be released", isIdle, PATIENCE);

  const whileNfsIsClosed = async (act: () => Promise<void>): Promise<void> => {
    await vm.exec(CLOSE_NFS);
    try {
      await act();
    } finally {
      await vm.exec(OPEN_NFS);
    }
  };

  const isIdle = async (): Promise<boolean> => (await mounted("/mnt/far")).endsWith(" autofs");

  before(async () => {
    rig = getRig();
    timeServer = await TimeServer.start(rig.network.controller);
    lab = new Lab(rig);
    keys = await makeHostKey();
    const result = await lab.up(settings(), {
      ...{ target: isVmStep, secrets: secrets(), onMachine: makeMachine },
    });
    assertApplied(result, lab);
  });

  after(() => {
    timeServer?.stop();
    lab.remove();
  });

  it("was made and prepared by one update, with the host key that was known before it", async () => {
    assert.equal(await sh("cloud-init status"), "status: done");
    assert.equal(
      await sh("cat /etc/ssh/ssh_host_*_key.pub"),
      `${keys.publicKey} ${vm.name}`,
      "it has this key, and no other",
    );
    assert.ok(snippet.includes(keys.privateKey.trim().split("\n")[1] ?? "-"));
    const { stdout } = await rig.machine("maple").exec(`stat -c '%a %U' ${SNIPPET}`);
    assert.equal(stdout, "600 root\n");
    assert.equal(await sh("ip -br address show eth0 | grep -o '10.213.0.64/24'"), "10.213.0.64/24");
    assert.ok(!lab.output.includes("PRIVATE KEY"), "and nobody has seen the private half");
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
    // Not over /mnt: systemd finds /mnt/far no more meanwhile, and then never again lets it go.
    await vm.exec(`mkdir /run/far && mount -t nfs4 -o rw,soft ${SERVER}:/srv/media /run/far`);
    assert.notEqual(await code("touch /run/far/mine"), 0);
    await vm.exec("umount /run/far && rmdir /run/far");
  });

  it("waits for no server that is away: neither df nor a log-in, nor for long what asks for a file", async () => {
    await awaitIdle();
    await whileNfsIsClosed(async () => {
      assert.equal(await code("timeout 30 df"), 0);
      assert.equal((await rig.ssh(vm, "df >/dev/null && echo in")).stdout, "in\n");
      assert.equal(await mounted("/mnt/far"), "systemd-1 autofs");
      assert.equal(await code("timeout 120 ls /mnt/far/."), 2);
    });
  });

  it("lets a process be ended that asks a server which went away while it was mounted", async () => {
    assert.equal(await sh("ls /mnt/far/film"), "/mnt/far/film");
    await whileNfsIsClosed(async () => {
      assert.equal(await code("timeout 4 df /mnt/far"), 124);
      assert.equal((await rig.ssh(vm, "echo in")).stdout, "in\n");
    });
    assert.equal(await sh("ls /mnt/far/film"), "/mnt/far/film");
    await awaitIdle();
  });

  it("starts its NFS server after all once the disk that it exports has come late", async () => {
    await vm.exec(PULL_DISK);
    assert.equal(await code("systemctl start nfs-server.service"), 1);
    assert.equal(await sh("systemctl is-active nfs-server.service || :"), "inactive");
    await vm.exec(PLUG_DISK);
    assert.equal(await sh("cat /srv/media/film"), "film");
    const serves = async (): Promise<boolean> =>
      (await sh("systemctl is-active nfs-server.service || :")) === "active";
    await waitFor("the NFS server", serves, PATIENCE);
    const isBack = async (): Promise<boolean> => (await code("cat /mnt/far/film")) === 0;
    await waitFor("the export", isBack, PATIENCE);
    await awaitIdle();
  });

  it("steps a clock that is 100 s wrong", async () => {
    const error = async (): Promise<number> => Number(await sh("date +%s")) - Date.now() / 1000;
    await vm.exec("systemctl stop chrony && date -s '+100 seconds'");
    assert.ok(Math.abs((await error()) - 100) < 20);
    await vm.exec("systemctl start chrony");
    const isRight = async (): Promise<boolean> => Math.abs(await error()) < 5;
    await waitFor("the clock to be right", isRight, PATIENCE);
    // The journal has the line a moment later.
    const isLogged = async (): Promise<boolean> =>
      /System clock was stepped by -(9[5-9]|10[0-5])\./.test(
        await sh("journalctl -q -u chrony -o cat"),
      );
    await waitFor("chrony to say so", isLogged, PATIENCE);
  });

  it("boots without its NFS server and its missing disk, and has everything again", async () => {
    await vm.reboot();
    assert.equal(await code(`ip -br address | grep -F ${SERVER}`), 1);
    assert.equal(await sh("systemctl is-system-running"), "running");
    assert.equal(await sh("cat /etc/ssh/ssh_host_*_key.pub"), `${keys.publicKey} ${vm.name}`);
    assert.equal(await code("timeout 30 df"), 0);
    await assertKernel();
    assert.equal(await sh("cat /srv/media/film /srv/data/file"), "film\nkept");
    assert.equal(
      await sh("systemctl is-active nfs-server.service chrony.service"),
      "active\nactive",
    );
    await vm.exec(COME_HOME);
    // A first use that comes too early is told so, and the next one mounts.
    const isBack = async (): Promise<boolean> => (await code("ls /mnt/far/film")) === 0;
    await waitFor("the export", isBack, PATIENCE);
    await awaitIdle();
  });

  it("keeps a file system that is in use mounted, and says what to do", async () => {
    // Not by WorkingDirectory=: systemd would end it together with the mount.
    const user = "sh -c 'cd /srv/media && exec sleep infinity'";
    await vm.exec(`systemd-run -q --collect --unit=rig-user ${user}`);
    const where = "readlink /proc/$(systemctl show -p MainPID --value rig-user)/cwd || :";
    await waitFor("its user", async () => (await sh(where)) === "/srv/media");
    const result = await lab.destroy(settings(), { secrets: secrets() });
    assert.deepEqual(result.names("fail"), ["node-qemu-system"], explain(result, lab));
    const refused = result.steps.find(({ operation }) => operation === "fail");
    assert.match(refused?.error ?? "", /\/srv\/media cannot be unmounted and stays/);
    assert.match(refused?.error ?? "", /fuser -vm \/srv\/media/);
    assert.equal(await mounted("/srv/media"), "/dev/vdb ext4");
    await vm.exec("systemctl stop rig-user.service");
  });

  it("is as its owner had it once everything is taken away, the data on its disks", async () => {
    const result = await lab.destroy(settings(), { secrets: secrets() });
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
