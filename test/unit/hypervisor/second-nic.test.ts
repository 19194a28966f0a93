import assert from "node:assert/strict";
import { neededRights } from "../../../components/hypervisor/rights";
import { isVirtual } from "../../../components/hypervisor/virtual";
import { parseVm } from "../../../scripts/kit/proxmox/compare";
import { reportVm } from "../../../scripts/kit/proxmox/report-drift";
import { HYPERVISOR, SECOND_NIC } from "../../support/hypervisor";
import type { Change } from "../../support/homelab";
import type { Recorded } from "../../support/mocks";
import { homelabSite } from "../../support/site";
import { ancestorsOf } from "../../support/stack";
import { recordHypervisor } from "./record";

const SECOND = { model: "virtio", bridge: "homenet", mtu: 1450 };
const NAMES = ["hazel", "maple", "spruce"];

const machineIn = (graph: readonly Recorded[], name: string): Recorded =>
  graph.find((resource) => resource.name === `hypervisor-vm-${name}`) ?? assert.fail(name);

describe("a second NIC of virtual machines", () => {
  let graph: Recorded[];
  before(async () => {
    graph = await recordHypervisor(SECOND_NIC);
  });

  it("is on the network between the hosts, with its MTU, beside the LAN's", () => {
    const [maple, spruce] = [machineIn(graph, "maple"), machineIn(graph, "spruce")];
    assert.deepEqual(maple.inputs.networkDevices, [{ model: "virtio", bridge: "vmbr0" }, SECOND]);
    assert.deepEqual(spruce.inputs.networkDevices, [
      { model: "virtio", bridge: "vmbr0", macAddress: "02:00:00:00:08:61" },
      SECOND,
    ]);
  });

  it("has the cluster's address by cloud-init, and no gateway", () => {
    const { initialization } = machineIn(graph, "spruce").inputs;
    assert.deepEqual(Reflect.get(Object(initialization), "ipConfigs"), [
      { ipv4: { address: "192.168.8.61/24", gateway: "192.168.8.1" } },
      { ipv4: { address: "10.0.0.11/24" } },
    ]);
  });

  it("changes nothing else of a machine, which is not restarted for it", async () => {
    const before = await recordHypervisor(
      SECOND_NIC.map(([path, value]): Change =>
        path.includes("clusterAddress") || path.includes("clusterNic")
          ? [path, undefined]
          : [path, value],
      ),
    );
    const bare = ({ inputs }: Recorded) =>
      Object.entries(inputs).filter(
        ([key]) => key !== "networkDevices" && key !== "initialization",
      );
    for (const name of NAMES) {
      const machine = machineIn(graph, name);
      assert.deepEqual(bare(machine), bare(machineIn(before, name)));
      assert.equal(machine.inputs.rebootAfterUpdate, false);
      // What cloud-init has read is left as it was: an address that comes later is no reason to read again.
      assert.ok(machine.ignoreChanges.includes("initialization"));
      assert.equal(Reflect.get(Object(machineIn(before, name).inputs.networkDevices), "length"), 1);
    }
  });

  it("is there after its network", () => {
    for (const name of NAMES)
      assert.ok(ancestorsOf(graph, `hypervisor-vm-${name}`).has("hypervisor-network-applied"));
  });
});

describe("a second NIC in Proxmox", () => {
  const { config, machines } = homelabSite(...SECOND_NIC);
  const hypervisor = config.hypervisor ?? assert.fail("the fixture has no hypervisor");
  const spruce = machines.filter(isVirtual).find(({ name }) => name === "spruce");

  const report = (changes: object) => {
    const found = {
      ...{ cores: 4, sockets: 1, cpu: "x86-64-v2-AES", memory: "8192", balloon: 0 },
      ...{ protection: 1, onboot: 1, ciuser: spruce?.sshUser, name: "spruce" },
      scsi0: "ceph-pool:vm-261-disk-0,size=64G",
      net0: "virtio=02:00:00:00:08:61,bridge=vmbr0",
      net1: "virtio=BC:24:11:00:00:11,bridge=homenet,mtu=1450",
      ...{ ipconfig0: "ip=192.168.8.61/24,gw=192.168.8.1", ipconfig1: "ip=10.0.0.11/24" },
      ...{ nameserver: spruce?.dns.join(" "), searchdomain: config.lan.domain },
      sshkeys: encodeURIComponent(HYPERVISOR.sshKeys.join("\n")),
      ...changes,
    };
    const settings = { hypervisor, lan: config.lan, stack: "mine", project: "vmstation" };
    const look = { found: parseVm(found), host: "pve-b" };
    return reportVm(spruce ?? assert.fail("no spruce"), settings, look);
  };

  it("takes the right to use its network, and none to change one that somebody else has made", () => {
    const rights = neededRights(hypervisor, [], machines.filter(isVirtual));
    assert.deepEqual(rights["/sdn/zones/homezone/homenet"], ["SDN.Use"]);
    assert.deepEqual(rights["/sdn/zones/localnetwork/vmbr0"], ["SDN.Use"]);
    const theirs = homelabSite(...SECOND_NIC, [["hypervisor", "network", "manage"], undefined]);
    const fewer = neededRights(
      theirs.config.hypervisor ?? hypervisor,
      [],
      theirs.machines.filter(isVirtual),
    );
    assert.deepEqual(
      Object.keys(rights).filter((path) => !(path in fewer)),
      ["/sdn"],
    );
  });

  it("is as described where nobody has touched it", () => {
    assert.deepEqual(report({}).differences, []);
  });

  for (const [what, change, words] of [
    [
      "a bridge that is another",
      { net1: "virtio=BC:24:11:00:00:11,bridge=vmbr0,mtu=1450" },
      "net1: its bridge is vmbr0, not homenet",
    ],
    [
      "an MTU that is missing",
      { net1: "virtio=BC:24:11:00:00:11,bridge=homenet" },
      "net1: its MTU is none, not 1450",
    ],
    ["a NIC that is gone", { net1: undefined }, "net1: the machine's NIC is not there"],
    [
      "a third one",
      { net2: "virtio=BC:24:11:00:00:12,bridge=vmbr0" },
      "net2: is a NIC that the configuration does not have",
    ],
    [
      "another address",
      { ipconfig1: "ip=10.0.0.99/24" },
      "ipconfig1: is ip=10.0.0.99/24, not ip=10.0.0.11/24",
    ],
  ] as const) {
    it(`is told with ${what}`, () => {
      const { differences } = report(change);
      assert.deepEqual(
        differences.map(({ name, reason }) => `${name}: ${reason}`),
        [words],
      );
    });
  }
});
