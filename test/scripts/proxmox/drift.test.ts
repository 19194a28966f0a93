import assert from "node:assert/strict";
import { isVirtual } from "../../../components/hypervisor/virtual";
import { parseVm, type VmFound } from "../../../scripts/kit/proxmox/compare";
import { reportVm } from "../../../scripts/kit/proxmox/report-drift";
import { HYPERVISOR, VIRTUAL } from "../../support/hypervisor";
import { homelabSite } from "../../support/site";

const { config, machines } = homelabSite(...VIRTUAL);
const spruce = machines.filter(isVirtual).find(({ name }) => name === "spruce");

/** As the API tells spruce when nobody has touched it. */
const UNTOUCHED = {
  ...{ cores: 4, sockets: 1, cpu: "x86-64-v2-AES", memory: "8192", balloon: 0 },
  ...{ protection: 1, onboot: 1, ciuser: spruce?.sshUser, name: "spruce" },
  scsi0: "ceph-pool:vm-261-disk-0,discard=on,iothread=1,size=64G,ssd=1",
  net0: "virtio=02:00:00:00:08:61,bridge=vmbr0",
  ipconfig0: `ip=${spruce?.address ?? ""}/24,gw=${config.lan.gateway}`,
  nameserver: spruce?.dns.join(" "),
  searchdomain: config.lan.domain,
  sshkeys: encodeURIComponent(`${HYPERVISOR.sshKeys.join("\n")}\n`),
};

function report(found: VmFound, host = "pve-b") {
  assert.ok(spruce !== undefined && config.hypervisor !== undefined);
  const settings = { hypervisor: config.hypervisor, lan: config.lan };
  return reportVm(spruce, { ...settings, stack: "mine", project: "vmstation" }, { found, host });
}

const UPDATE =
  /to do: npx vmstation refresh --target '\*\*hypervisor-vm-spruce' --stack mine\n +npx vmstation up --stack mine/;
const RESTART = /npx vmstation restart spruce --stack mine/;

describe("what was changed by hand at a virtual machine", () => {
  it("is nothing where nobody has, however the API writes it", () => {
    assert.equal(report(parseVm(UNTOUCHED)).status, "as-described");
    const others = {
      ...UNTOUCHED,
      ...{ cpu: "cputype=x86-64-v2-AES,flags=+aes", memory: "current=8192", sockets: undefined },
      scsi0: "ceph-pool:vm-261-disk-0,size=65536M",
      net0: "model=virtio,bridge=vmbr0,firewall=0,macaddr=02:00:00:00:08:61",
      ide2: "ceph-pool:vm-261-cloudinit,media=cdrom,size=4M",
      unused0: "ceph-pool:vm-261-disk-2",
    };
    assert.deepEqual(report(parseVm(others)).differences, []);
  });

  it("is its host, where the update leaves it, with both ways out", () => {
    const { differences, reason } = report(parseVm(UNTOUCHED), "pve-a");
    assert.deepEqual(
      differences.map(({ name, reason: words }) => `${name}: ${words}`),
      ["host: is pve-a, not pve-b"],
    );
    assert.equal(
      reason,
      "up leaves it where it is. To keep it there, write machines.spruce.vm.host: pve-a. To move it back, on pve-a: " +
        "qm migrate 261 pve-b --online --with-local-disks",
    );
  });

  for (const [what, change, words, mend] of [
    ["cores", { cores: 2 }, "cores: is 2, not 4", RESTART],
    ["memory", { memory: "4096" }, "memory: is 4096, not 8192", RESTART],
    ["the balloon", { balloon: undefined }, "balloon: is not set, not 0", UPDATE],
    ["protection", { protection: undefined }, "protection: is 0, not 1", UPDATE],
    ["the start with its host", { onboot: 0 }, "onboot: is 0, not 1", UPDATE],
    [
      "a smaller disk",
      { scsi0: "ceph-pool:vm-261-disk-0,size=32G" },
      "scsi0: is 32Gi, not 64Gi",
      UPDATE,
    ],
    [
      "a larger disk",
      { scsi0: "ceph-pool:vm-261-disk-0,size=96G" },
      "scsi0: is 96Gi, not 64Gi",
      /^to do: write the size of scsi0 into machines\.spruce\.vm\.disk/,
    ],
    [
      "another storage",
      { scsi0: "local:261/vm-261-disk-0.qcow2,size=64G" },
      "scsi0: is in the storage local, not ceph-pool",
      /^to do on the host: qm disk move 261 scsi0 ceph-pool/,
    ],
    [
      "a disk that is detached",
      { scsi0: undefined, unused0: "ceph-pool:vm-261-disk-0" },
      "scsi0: the machine's disk is not attached",
      /qm config 261/,
    ],
    [
      "a bridge",
      { net0: "virtio=02:00:00:00:08:61,bridge=vmbr7" },
      "net0: its bridge is vmbr7, not vmbr0",
      UPDATE,
    ],
    [
      "a MAC address",
      { net0: "virtio=02:00:00:00:08:99,bridge=vmbr0" },
      "net0: its MAC address is 02:00:00:00:08:99, not 02:00:00:00:08:61",
      UPDATE,
    ],
    [
      "a VLAN",
      { net0: "virtio=02:00:00:00:08:61,bridge=vmbr0,tag=30" },
      "net0: its VLAN tag is 30, not none",
      UPDATE,
    ],
    [
      "an MTU",
      { net0: "virtio=02:00:00:00:08:61,bridge=vmbr0,mtu=9000" },
      "net0: its MTU is 9000, not none",
      UPDATE,
    ],
    ["a NIC that is gone", { net0: undefined }, "net0: the machine's NIC is not there", UPDATE],
    [
      "a further NIC",
      { net1: "virtio=02:00:00:00:08:62,bridge=vmbr1" },
      "net1: is a NIC that the configuration does not have",
      UPDATE,
    ],
    [
      "cloud-init's user",
      { ciuser: "root" },
      `ciuser: is root, not ${spruce?.sshUser ?? ""}`,
      new RegExp(`new SSH host key[^]*qm set 261 --ciuser '${spruce?.sshUser ?? ""}'`),
    ],
    [
      "cloud-init's keys",
      { sshkeys: undefined },
      "sshkeys: lacks 1 of the configuration's keys, and has 0 others",
      /^sshkeys: read at the first boot/,
    ],
  ] as const)
    it(`is said of ${what}, with what mends it`, () => {
      const { status, differences, reason } = report(parseVm({ ...UNTOUCHED, ...change }));
      assert.equal(status, "drifted");
      assert.deepEqual(
        differences.map((each) => `${each.name}: ${each.reason}`),
        [words],
      );
      assert.match(reason ?? "", mend);
    });

  it("is told of a further disk, which is its owner's and leaves the machine as described", () => {
    const further = { scsi1: "ceph-pool:vm-261-disk-1,size=1T" };
    const { status, differences, reason } = report(parseVm({ ...UNTOUCHED, ...further }));
    assert.equal(status, "as-described");
    assert.deepEqual(
      differences.map((each) => `${each.name}: ${each.reason}`),
      ["scsi1: is a disk that the configuration does not have"],
    );
    assert.equal(reason, "scsi1: somebody has attached it; it is left alone");
    assert.equal(report(parseVm({ ...UNTOUCHED, ...further, cores: 2 })).status, "drifted");
  });
});
