import assert from "node:assert/strict";
import { loadSdk } from "../../../components/platform/tunnel/sdk";
import { listOpenQuestions } from "../../../stacks/open-questions";
import type { Recorded } from "../../support/mocks";
import { HYPERVISOR, NETWORKED, SHA512, VIRTUAL } from "../../support/hypervisor";
import type { Change } from "../../support/homelab";
import { homelabSite } from "../../support/site";
import { ancestorsOf, recordStack } from "../../support/stack";
import { recordHypervisor } from "./record";

const SECRET = { proxmoxToken: "vmstation@pve!pulumi=s3cret" };
const VM = "proxmoxve:index/vmLegacy:VmLegacy";

describe("virtual machines", () => {
  let graph: Recorded[];
  before(async () => {
    graph = await recordStack(homelabSite(...VIRTUAL), SECRET);
  });
  const get = (name: string): Recorded => {
    const found = graph.find((resource) => resource.name === name);
    assert.ok(found, name);
    return found;
  };

  it("are made with exactly these inputs", () => {
    const { inputs } = get("hypervisor-vm-maple");
    assert.deepEqual(inputs, {
      name: "maple",
      vmId: 263,
      nodeName: "pve-a",
      poolId: "vmstation",
      tags: ["vmstation"],
      description: "Made by VMStation, which prepares it over SSH.",
      operatingSystem: { type: "l26" },
      cpu: { cores: 4, sockets: 2, type: "x86-64-v2-AES" },
      memory: { dedicated: 8192, floating: 0 },
      scsiHardware: "virtio-scsi-single",
      disks: [
        {
          interface: "scsi0",
          datastoreId: "ceph-pool",
          importFrom: "hypervisor-image-pve-a-id",
          size: 128,
          ...{ iothread: true, discard: "on", ssd: true },
        },
      ],
      networkDevices: [{ model: "virtio", bridge: "vmbr0" }],
      serialDevices: [{}],
      agent: { enabled: true, timeout: "30s", waitForIp: { disabled: true } },
      initialization: {
        datastoreId: "ceph-pool",
        type: "nocloud",
        upgrade: false,
        userAccount: { username: "robin", keys: HYPERVISOR.sshKeys },
        ipConfigs: [{ ipv4: { address: "192.168.8.63/24", gateway: "192.168.8.1" } }],
        dns: { domain: "vmstation.local", servers: ["8.8.8.8", "1.1.1.1"] },
      },
      onBoot: true,
      protection: true,
      rebootAfterUpdate: false,
      stopOnDestroy: false,
      migrate: true,
    });
    assert.deepEqual(get("hypervisor-vm-spruce").inputs.networkDevices, [
      { model: "virtio", bridge: "vmbr0", macAddress: "02:00:00:00:08:61" },
    ]);
  });

  it("are kept by Pulumi whatever happens, and not read again from what was said once", () => {
    for (const machine of graph.filter(({ type }) => type === VM)) {
      assert.equal(machine.protect, true);
      assert.equal(machine.retainOnDelete, true);
      assert.deepEqual(machine.ignoreChanges, [
        "initialization",
        "disks[0].importFrom",
        "disks[0].speed",
      ]);
    }
    assert.equal(graph.filter(({ type }) => type === VM).length, 2);
  });

  it("are moved nowhere where the update is told so, and only there", async () => {
    const left = await recordHypervisor(VIRTUAL, {}, new Map([["maple", "pve-b"]]));
    const ignored = (name: string) =>
      left.find((each) => each.name === `hypervisor-vm-${name}`)?.ignoreChanges ?? [];
    assert.deepEqual(ignored("maple").slice(-1), ["nodeName"]);
    assert.ok(!ignored("spruce").includes("nodeName"));
  });

  it("are made from an image that each host fetches, by its checksum", () => {
    const { inputs, retainOnDelete } = get("hypervisor-image-pve-b");
    // To delete it needs a right to delete all that the storage has.
    assert.ok(retainOnDelete);
    assert.equal(inputs.url, HYPERVISOR.image.url);
    assert.equal(inputs.checksum, SHA512);
    assert.equal(inputs.checksumAlgorithm, "sha512");
    assert.equal(inputs.contentType, "import");
    assert.equal(inputs.fileName, "debian-12-genericcloud-amd64-20260101-2000-01234567.qcow2");
  });

  it("come before the first look at them, and before nothing else's", () => {
    assert.ok(ancestorsOf(graph, "preflight-maple").has("hypervisor-vm-maple"));
    assert.ok(!ancestorsOf(graph, "preflight-maple").has("hypervisor-vm-spruce"));
    const real = [...ancestorsOf(graph, "preflight-hazel")];
    assert.deepEqual(
      real.filter((name) => name.startsWith("hypervisor")),
      [],
    );
  });

  it("may have more processors than their host, which is said", () => {
    const warned = (sockets: number): string[] =>
      listOpenQuestions(
        homelabSite(...VIRTUAL, [["machines", "maple", "vm", "sockets"], sockets]),
        "test",
        () => true,
      ).flatMap(({ path, message }) =>
        path.startsWith("hypervisor") ? [`${path}: ${message}`] : [],
      );
    assert.deepEqual(warned(2), []);
    assert.deepEqual(warned(3), [
      "hypervisor.hosts.pve-a.cpus: maple have 12 virtual processors on 8 real ones, and share them",
    ]);
  });

  it("get their token as a secret, which no other resource has", () => {
    const provider = get("hypervisor-proxmox");
    assert.deepEqual(provider.secretInputs, ["apiToken"]);
    assert.equal(provider.inputs.endpoint, "https://192.168.8.33:8006/");
    const others = graph.filter((resource) => resource !== provider);
    assert.ok(!JSON.stringify(others).includes(SECRET.proxmoxToken));
  });

  it("leave all other resources as they are without a hypervisor", async () => {
    const real = await recordStack(
      homelabSite(...VIRTUAL.filter(([[first, , key]]) => first !== "hypervisor" && key !== "vm")),
      SECRET,
    );
    const names = (resources: readonly Recorded[]): string[] =>
      // What waits for a virtual machine is registered later.
      resources.flatMap(({ name }) => (name.startsWith("hypervisor") ? [] : [name])).sort();
    assert.deepEqual(names(graph), names(real));
  });
});

describe("a network between the hosts", () => {
  const recordWith = (...changes: readonly Change[]): Promise<Recorded[]> =>
    recordHypervisor([...NETWORKED, ...changes]);
  const named = (graph: readonly Recorded[], name: string): Recorded => {
    const found = graph.find((resource) => resource.name === `hypervisor-${name}`);
    assert.ok(found, name);
    return found;
  };
  let graph: Recorded[];
  before(async () => {
    graph = await recordWith();
  });

  it("is a zone, a network in it, and what puts them into effect, with exactly these inputs", () => {
    const inputs = graph
      .filter(({ type }) => type.startsWith("proxmoxve:sdn"))
      .map((resource) => [resource.type, resource.inputs]);
    assert.deepEqual(inputs, [
      [
        "proxmoxve:sdn/zone/vxlan:Vxlan",
        { resourceId: "homezone", peers: ["192.168.8.33", "192.168.8.34"], mtu: 1450 },
      ],
      [
        "proxmoxve:sdn/vnet:Vnet",
        {
          resourceId: "homenet",
          zone: "homezone",
          tag: 4242,
          alias: "Made by VMStation (homelab)",
        },
      ],
      ["proxmoxve:sdn/applier:Applier", { onCreate: true, onDestroy: false }],
    ]);
  });

  it("is in effect before a machine on it is made, and no other machine waits for it", () => {
    const before = ancestorsOf(graph, "hypervisor-vm-spruce");
    for (const name of ["zone", "vnet", "network-applied"])
      assert.ok(before.has(`hypervisor-${name}`), name);
    assert.ok(ancestorsOf(graph, "hypervisor-network-applied").has("hypervisor-vnet"));
    assert.ok(ancestorsOf(graph, "hypervisor-vnet").has("hypervisor-zone"));
    assert.ok(!ancestorsOf(graph, "hypervisor-vm-maple").has("hypervisor-network-applied"));
  });

  it("gives its MTU to the NICs on it, and to no other", () => {
    assert.deepEqual(named(graph, "vm-spruce").inputs.networkDevices, [
      { model: "virtio", bridge: "homenet", macAddress: "02:00:00:00:08:61", mtu: 1450 },
    ]);
    assert.deepEqual(named(graph, "vm-maple").inputs.networkDevices, [
      { model: "virtio", bridge: "vmbr0" },
    ]);
  });

  it("stays whatever happens, and every change of it is put into effect", async () => {
    for (const name of ["zone", "vnet"])
      assert.ok(named(graph, name).protect && named(graph, name).retainOnDelete, name);
    const applied = named(graph, "network-applied");
    assert.ok(!applied.protect);
    const triggers = [
      graph,
      await recordWith([["hypervisor", "network", "tag"], 4243]),
      await recordWith([["hypervisor", "hosts", "pve-b", "address"], "192.168.8.35"]),
    ].map((each) => named(each, "network-applied").replacementTrigger);
    assert.equal(new Set(triggers).size, 3);
    assert.match(String(triggers[0]), /homezone/);
    // A mark changes nothing in effect, and one that its owner changes stays: earlier versions have made none.
    assert.ok(!String(triggers[0]).includes("Made by"), String(triggers[0]));
    assert.deepEqual(named(graph, "vnet").ignoreChanges, ["alias"]);
  });

  it("is not made where somebody else has made it, and NICs have its MTU there too", async () => {
    const theirs = await recordWith([["hypervisor", "network", "manage"], undefined]);
    assert.deepEqual(
      theirs.filter(({ type }) => type.startsWith("proxmoxve:sdn")),
      [],
    );
    assert.deepEqual(named(theirs, "vm-spruce").inputs, named(graph, "vm-spruce").inputs);
  });
});

describe("a stack without virtual machines, and without a tunnel", () => {
  const loaded = (): string[] =>
    Object.keys(require.cache).filter((file) => /@muhlba91|@pulumi\/cloudflare/.test(file));

  it("loads no file of the hypervisor's package, and none of Cloudflare's", async () => {
    for (const file of loaded()) Reflect.deleteProperty(require.cache, file);
    await recordStack(homelabSite());
    assert.deepEqual(loaded(), []);
    await recordStack(homelabSite(...VIRTUAL), SECRET);
    assert.ok(loaded().some((file) => file.includes("@muhlba91")));
    loadSdk();
    assert.ok(loaded().some((file) => file.includes("@pulumi/cloudflare")));
  });
});
