import assert from "node:assert/strict";
import { isVirtual } from "../../../components/hypervisor/virtual";
import { findBlocks } from "../../../scripts/kit/proxmox/blocked";
import { listSizes } from "../../../scripts/kit/proxmox/noted";
import { renderOff } from "../../../scripts/kit/proxmox/off";
import { findRestarts } from "../../../scripts/kit/proxmox/restarts";
import { VM_TYPE } from "../../../scripts/kit/proxmox/vm-name";
import { HOST_ASLEEP, HYPERVISOR_KEY, VIRTUAL } from "../../support/hypervisor";
import type { Change } from "../../support/homelab";
import { homelabSite } from "../../support/site";

const { config, machines: all } = homelabSite(...VIRTUAL);
const machines = all.filter(isVirtual).filter(({ name }) => name === "spruce");
const { hypervisor, lan } = config;
assert.ok(hypervisor !== undefined);

const node = (name: string, status = "online") => ({ type: "node", node: name, status });
const spruce = (more: object = { status: "running" }) => ({
  ...{ type: "qemu", vmid: 261, name: "spruce", node: "pve-b", ...more },
});

describe("a disk that somebody has attached", () => {
  const find = (found: Readonly<Record<string, string>>, sizes: ReadonlyMap<string, number>) =>
    findBlocks(
      { get: (path) => Promise.resolve(path === "/cluster/status" ? [] : found) },
      {
        ...{ machines, settings: { hypervisor, lan }, known: [node("pve-b"), spruce()] },
        ...{ placed: new Map(), sizes, onWarning: () => undefined },
      },
    );
  const own = (size: string) => ({ scsi0: `ceph-pool:vm-261-disk-0,size=${size}` });
  const SECOND = { scsi1: "ceph-pool:vm-261-disk-1,size=1T" };
  const SIZE = new Map([["spruce", 64 * 2 ** 30]]);
  const SMALLER = new Map([["spruce", 32 * 2 ** 30]]);

  it("is in nobody's way while the machine's own disk stays", async () => {
    assert.deepEqual(await find({ ...own("64G"), ...SECOND }, SIZE), []);
    assert.deepEqual(await find(own("32G"), SMALLER), []);
    // That has a rule of its own, with other words.
    const larger = new Map([["spruce", 96 * 2 ** 30]]);
    assert.deepEqual(await find({ ...own("96G"), ...SECOND }, larger), []);
  });

  for (const [what, size, sizes] of [
    ["grows", "32G", SMALLER],
    ["has grown in Proxmox, which the state does not know", "64G", SMALLER],
  ] as const)
    it(`is not taken away where the machine's own ${what}: the update is refused`, async () => {
      assert.deepEqual(await find({ ...own(size), ...SECOND, virtio3: "local:x,size=1G" }, sizes), [
        "machines.spruce.vm.disk: the disk of spruce changes, and the provider would take away scsi1, virtio3, which " +
          "somebody has attached. Nothing is taken away. Give it its size on pve-b: qm disk resize 261 scsi0 64G, then " +
          "npx vmstation refresh. Or write the old size again",
      ]);
    });

  it("has the size of the machine's own disk from the state", () => {
    const inputs = { name: "spruce", disks: [{ size: 64 }] };
    const state = [{ type: VM_TYPE, inputs }, { type: "other" }];
    assert.deepEqual(listSizes(state), SIZE);
  });
});

describe("what counts from a machine's next start on", () => {
  const pending = [
    { key: "cores", value: 4, pending: 8 },
    { key: "memory", value: "8192", pending: "9216" },
    { key: "tags", value: "vmstation" },
    { key: "net1", value: "virtio", delete: 1 },
  ];
  const find = (known: readonly object[], answer: unknown = pending) => {
    const get = (path: string): Promise<unknown> => {
      if (path === "/cluster/resources") return Promise.resolve(known);
      return path === "/nodes/pve-b/qemu/261/pending"
        ? Promise.resolve(answer)
        : assert.fail(`${path} is asked`);
    };
    return findRestarts({ get }, machines, "mine");
  };

  it("is named with the command that restarts it", async () => {
    assert.deepEqual(await find([node("pve-b"), spruce()]), [
      "spruce: cores, memory, net1 counts from its next start on: npx vmstation restart spruce --stack mine",
    ]);
  });

  it("is nothing where nothing waits, and of a machine that is off or is not told", async () => {
    assert.deepEqual(await find([node("pve-b"), spruce()], pending.slice(2, 3)), []);
    assert.deepEqual(await find([node("pve-b"), spruce({ status: "stopped" })]), []);
    assert.deepEqual(await find([node("pve-b", "offline"), spruce()]), []);
    assert.deepEqual(await find([]), []);
  });
});

describe("a host that is off before an update", () => {
  const say = (known: ReturnType<typeof spruce>[], ...changes: readonly Change[]) => {
    const site = homelabSite(...HOST_ASLEEP, ...changes);
    assert.ok(site.config.hypervisor !== undefined);
    const virtual = site.machines.filter(isVirtual);
    return renderOff("pve-b", site.config.hypervisor, virtual, known);
  };
  const keyed: readonly Change[] = [
    [["hypervisor", "hosts", "pve-b", "ssh"], { hostKey: HYPERVISOR_KEY }],
    [["machines", "spruce", "vm", "hostKeySecret"], "spruceHostKey"],
    [["machines", "spruce", "hostKey"], HYPERVISOR_KEY],
  ];

  it("makes and changes no machine, if it does not sleep", () => {
    const awake: Change = [["hypervisor", "hosts", "pve-b", "power"], undefined];
    assert.equal(
      say([], awake),
      "hypervisor.hosts.pve-b: it is off, and no machine on it can be made or changed",
    );
  });

  it("is woken by the command for a machine on it, if it sleeps", () => {
    assert.equal(
      say([spruce()]),
      "hypervisor.hosts.pve-b: it sleeps. Before a machine on it is made or changed: npx vmstation wake spruce",
    );
    assert.match(say([]), /made or changed: switch it on$/);
  });

  it("is woken by the update itself where that brings a host key to it", () => {
    assert.equal(
      say([], ...keyed),
      "hypervisor.hosts.pve-b: it sleeps, and is woken by its magic packet to make spruce",
    );
    assert.match(say([spruce()], ...keyed), /npx vmstation wake spruce$/);
  });
});
