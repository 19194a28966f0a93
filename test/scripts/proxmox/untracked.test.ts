import assert from "node:assert/strict";
import { z } from "zod";
import { DESCRIPTION, isVirtual, TAG } from "../../../components/hypervisor/virtual";
import { findPending } from "../../../scripts/kit/proxmox/noted";
import { enterVm } from "../../../scripts/kit/proxmox/state-entry";
import { findUntracked } from "../../../scripts/kit/proxmox/untracked";
import { VM_TYPE } from "../../../scripts/kit/proxmox/vm-name";
import { findHalfChanged } from "../../../scripts/kit/pulumi/virtual-machines";
import { VIRTUAL } from "../../support/hypervisor";
import { homelabSite } from "../../support/site";

const { machines: all, config } = homelabSite(...VIRTUAL);
const { hypervisor, lan } = config;
const machines = all.filter(isVirtual);
const spruce = machines.find(({ name }) => name === "spruce");
assert.ok(hypervisor !== undefined && spruce !== undefined);

const PARENT = {
  urn: "urn:pulumi:mine::vmstation::vmstation:hypervisor:Hypervisor::hypervisor",
  type: "vmstation:hypervisor:Hypervisor",
};
const PROVIDER = {
  ...{ type: "pulumi:providers:proxmoxve", id: "b1" },
  urn: "urn:pulumi:mine::vmstation::vmstation:hypervisor:Hypervisor$pulumi:providers:proxmoxve::hypervisor-proxmox",
};
const NOTED = {
  urn: "urn:maple",
  type: VM_TYPE,
  inputs: {
    ...{ name: "maple", nodeName: "pve-a", cpu: { cores: 4, sockets: 2 } },
    ...{ memory: { dedicated: 8192 }, disks: [{ size: 128 }] },
  },
};
const ADDRESS = `gw=${lan.gateway},ip=${spruce.address}/24`;
const MADE = {
  ...{ description: `${DESCRIPTION}\n`, tags: TAG, scsi0: "ceph-pool:vm-261-disk-0" },
  ipconfig0: ADDRESS,
};

const DISK = z.looseObject({ size: z.number() });
const FILE = "local:snippets/x.yaml";

/** What Proxmox has of spruce. */
const find = async (
  made: object,
  there: object = {},
  state: readonly { type: string }[] = [NOTED],
) => {
  const known = { type: "qemu", vmid: 261, name: "spruce", node: "pve-b", ...there };
  const asked: string[] = [];
  const get = (path: string): Promise<unknown> => {
    asked.push(path);
    return Promise.resolve(path === "/cluster/resources" ? [known] : made);
  };
  const found = await findUntracked({ get }, machines, { hypervisor, lan }, state);
  return { found, asked };
};

describe("a virtual machine that an update has made and not noted", () => {
  it("is known by its number, its name, its host, its address and our marks", async () => {
    const { found } = await find(MADE);
    assert.deepEqual(
      found.map(({ machine, host, problem }) => [machine.name, host, problem]),
      [["spruce", "pve-b", undefined]],
    );
  });

  it("has the size of its disk that Proxmox tells", async () => {
    const { found } = await find({ ...MADE, scsi0: "ceph-pool:vm-261-disk-0,size=2252M" });
    assert.equal(found[0]?.disk, 2252 * 2 ** 20);
  });

  it("keeps the file by which it got its host key", async () => {
    const { found } = await find({ ...MADE, cicustom: `vendor=${FILE}` });
    assert.deepEqual(
      found.map(({ vendorData }) => vendorData),
      [FILE],
    );
  });

  it("is none where the state has it: then Proxmox is not asked", async () => {
    const both = [NOTED, { ...NOTED, inputs: { name: "spruce" } }];
    assert.deepEqual(await find(MADE, {}, both), { found: [], asked: [] });
  });

  for (const [what, there] of [
    ["name", { name: "nas" }],
    ["number", { vmid: 262 }],
    ["kind", { type: "lxc" }],
  ] as const)
    it(`is none by another ${what}`, async () => {
      assert.deepEqual((await find(MADE, there)).found, []);
    });

  for (const [what, made, there, words] of [
    ["has no tag of ours", { ...MADE, tags: "prod" }, {}, /VMStation has not made it/],
    ["has another description", { ...MADE, description: "" }, {}, /VMStation has not made it/],
    [
      "is being made",
      { ...MADE, lock: "create" },
      {},
      /is still making it.*qm unlock 261 && qm des/,
    ],
    ["has no disk", { ...MADE, scsi0: undefined }, {}, /it has no disk.*qm destroy 261$/],
    [
      "has no disk but cloud-init's",
      { ...MADE, scsi0: undefined, ide2: "ceph-pool:vm-261-cloudinit,media=cdrom" },
      {},
      /it has no disk.*qm destroy 261$/,
    ],
    [
      "has its disk at another place, without a word of destroying it",
      { ...MADE, scsi0: undefined, virtio0: "ceph-pool:vm-261-disk-0,size=64G" },
      {},
      /^(?!.*destroy).*its disk is not its scsi0/,
    ],
    [
      "has a disk that was detached, without a word of destroying it",
      { ...MADE, scsi0: undefined, unused0: "ceph-pool:vm-261-disk-0" },
      {},
      /^(?!.*destroy).*its disk is not its scsi0/,
    ],
    ["is on another host", MADE, { node: "pve-a" }, /has it on pve-b\. Write pve-a$/],
    [
      "has another address",
      { ...MADE, ipconfig0: "ip=10.1.1.1/24" },
      {},
      /its address is ip=10\.1/,
    ],
  ] as const)
    it(`is left alone with words where it ${what}`, async () => {
      const [one] = (await find(made, there)).found;
      assert.match(one?.problem ?? "", words);
    });

  it("gets an entry in the state, protected and to be read again, and the cut operation goes", () => {
    const urn = `urn:pulumi:mine::vmstation::vmstation:hypervisor:Hypervisor$${VM_TYPE}::hypervisor-vm-spruce`;
    const operations = [urn, "urn:other"].map((each) => ({ resource: { urn: each } }));
    const before = { resources: [PARENT, PROVIDER], pending_operations: operations };
    const context = { project: "vmstation", stack: "mine", config: hypervisor, lan };
    const after = enterVm(
      before,
      { machine: spruce, disk: 3 * 2 ** 30, vendorData: FILE },
      context,
    );
    const entry = after?.resources?.at(-1);
    assert.ok(entry !== undefined);
    const { inputs, outputs, ...rest } = entry;
    const { disks, ...others } = z.looseObject({ disks: z.array(DISK) }).parse(inputs);
    assert.deepEqual(outputs, { ...others, disks: disks.map((disk) => ({ ...disk, size: 3 })) });
    assert.equal(disks[0]?.size, 64);
    assert.equal(inputs?.vmId, 261);
    assert.match(
      JSON.stringify(inputs.initialization),
      /"vendorDataFileId":"local:snippets\/x\.yaml"/,
    );
    assert.ok(!JSON.stringify(inputs).includes("importFrom"));
    assert.deepEqual(rest, {
      ...{ urn, type: VM_TYPE, custom: true, id: "261", parent: PARENT.urn },
      ...{ provider: `${PROVIDER.urn}::b1`, protect: true, retainOnDelete: true },
      ignoreChanges: ["initialization", "disks[0].importFrom", "disks[0].speed"],
      initErrors: ["an update was cut while Proxmox made it"],
    });
    assert.deepEqual(findHalfChanged(after?.resources ?? []), [urn]);
    assert.deepEqual(after?.pending_operations, operations.slice(1));
    assert.equal(
      enterVm({ resources: [PARENT] }, { machine: spruce, disk: 0 }, context),
      undefined,
    );
  });

  it("keeps an update from going on without Proxmox, as does one that is to change", () => {
    assert.deepEqual(findPending(machines, [NOTED]), ["spruce"]);
    const smaller = { ...NOTED, inputs: { ...NOTED.inputs, memory: { dedicated: 4096 } } };
    assert.deepEqual(findPending(machines, [smaller]), ["maple", "spruce"]);
  });
});
