import assert from "node:assert/strict";
import type { Deployment } from "../../../scripts/kit/state/deployment";
import { PART_TYPES, type Part } from "../../../scripts/kit/proxmox/parts";
import { enterPart } from "../../../scripts/kit/proxmox/state-entry";
import { findUntrackedNetwork } from "../../../scripts/kit/proxmox/untracked-network";
import {
  HYPERVISOR_TYPE,
  POOL_TYPE,
  VNET_TYPE,
  ZONE_TYPE,
} from "../../../scripts/kit/proxmox/vm-name";
import { findHalfChanged } from "../../../scripts/kit/pulumi/virtual-machines";
import { recordHypervisor } from "../../unit/hypervisor/record";
import { NETWORKED } from "../../support/hypervisor";
import { homelabSite } from "../../support/site";

const { config } = homelabSite(...NETWORKED);
const { hypervisor } = config;
assert.ok(hypervisor?.network !== undefined);
const { network } = hypervisor;
const CLUSTER = "green";

const ZONE = { zone: "homezone", type: "vxlan", peers: "192.168.8.34,192.168.8.33", mtu: 1450 };
const VNET = {
  ...{ vnet: "homenet", type: "vnet", zone: "homezone", tag: 4242 },
  alias: "Made by VMStation (green)",
};
const ELSEWHERE = { vnet: "other", type: "vnet", zone: "otherz", tag: 7 };

const noted = (...types: string[]) => types.map((type) => ({ type, urn: type, id: "x" }));

const find = async (
  zones: readonly object[],
  vnets: readonly object[],
  state = noted(),
  manage = true,
): Promise<string[]> => {
  const there: Readonly<Record<string, unknown>> = {
    "/cluster/sdn/zones": zones,
    "/cluster/sdn/vnets": vnets,
  };
  const managed = { ...hypervisor, network: { ...network, manage } };
  const found = await findUntrackedNetwork(
    { get: (path) => Promise.resolve(there[path]) },
    { hypervisor: managed, cluster: CLUSTER },
    state,
  );
  return found.map((each) =>
    "problem" in each ? (each.problem.split(": ")[0] ?? "") : `${each.kind} ${each.id}`,
  );
};

const [NO_ZONE, NO_VNET] = ["hypervisor.network.zone", "hypervisor.network.vnet"];

describe("a network of Proxmox's SDN that is there before the stack has it", () => {
  it("is continued where an update has left it: the zone, the network in it, or both", async () => {
    assert.deepEqual(await find([ZONE], [ELSEWHERE]), ["zone homezone"]);
    assert.deepEqual(await find([ZONE], [VNET, ELSEWHERE]), ["zone homezone", "vnet homenet"]);
    assert.deepEqual(await find([ZONE], [VNET], noted(ZONE_TYPE)), ["vnet homenet"]);
    assert.deepEqual(await find([ZONE], [VNET], noted(VNET_TYPE)), ["zone homezone"]);
    // As Proxmox tells what waits, and what its pages add.
    const more = { digest: "0", state: "new", pending: {}, ipam: "pve", nodes: "" };
    const vnet = { ...VNET, vlanaware: 0, "isolate-ports": 0, tag: "4242" };
    assert.deepEqual(await find([{ ...ZONE, ...more }], [vnet]), ["zone homezone", "vnet homenet"]);
  });

  for (const [what, change] of [
    ["other hosts", { peers: "192.168.8.33" }],
    ["another MTU", { mtu: 1400 }],
    ["no MTU", { mtu: undefined }],
    ["another kind", { type: "vlan" }],
    ["hosts of its own", { nodes: "pve-a" }],
    ["a DNS server", { dns: "pdns" }],
  ] as const)
    it(`is somebody else's where the zone has ${what}`, async () => {
      assert.deepEqual(await find([{ ...ZONE, ...change }], []), [NO_ZONE]);
    });

  for (const [what, change] of [
    ["no mark", { alias: undefined }],
    ["another cluster's mark", { alias: "Made by VMStation (blue)" }],
    ["another number", { tag: 4243 }],
    ["VLANs", { vlanaware: 1 }],
  ] as const)
    it(`is somebody else's, and its zone too, where the network has ${what}`, async () => {
      const vnets = [{ ...VNET, ...change }];
      assert.deepEqual(await find([ZONE], vnets), [NO_ZONE, NO_VNET]);
      assert.deepEqual(await find([ZONE], vnets, noted(ZONE_TYPE)), [NO_VNET]);
    });

  it("is somebody else's where another network is in the zone", async () => {
    const vnets = [VNET, { ...ELSEWHERE, zone: "homezone" }];
    assert.deepEqual(await find([ZONE], vnets), [NO_ZONE, "vnet homenet"]);
  });

  it("is no matter where the stack has it, or makes none, and is named with both ways out", async () => {
    assert.deepEqual(await find([ZONE], [VNET], noted(ZONE_TYPE, VNET_TYPE)), []);
    assert.deepEqual(await find([], [ELSEWHERE]), []);
    assert.deepEqual(await find([ZONE], [VNET], noted(), false), []);
    const found = await findUntrackedNetwork(
      { get: (path) => Promise.resolve(path.endsWith("zones") ? [{ zone: "homezone" }] : []) },
      { hypervisor: { ...hypervisor, network: { ...network, manage: true } }, cluster: CLUSTER },
      [],
    );
    assert.match(JSON.stringify(found), /zone homezone.*Leave out manage.*delete it where nothing/);
  });
});

describe("the entry of what machines share", () => {
  const LAYER = {
    urn: "urn:pulumi:mine::vmstation::vmstation:hypervisor:Hypervisor::hypervisor",
    type: HYPERVISOR_TYPE,
  };
  const PROVIDER = {
    ...{ type: "pulumi:providers:proxmoxve", id: "b1" },
    urn: `${LAYER.urn.replace("::hypervisor", "")}$pulumi:providers:proxmoxve::hypervisor-proxmox`,
  };
  const enter = (part: Part, state: Deployment = { resources: [LAYER, PROVIDER] }) =>
    enterPart(state, part, { project: "vmstation", stack: "mine" });

  it("is as the program writes it, and is read before the update", async () => {
    const pool = { name: "vmstation", manage: true };
    const graph = await recordHypervisor([...NETWORKED, [["hypervisor", "pool"], pool]]);
    for (const [kind, type] of Object.entries(PART_TYPES)) {
      const made = graph.find((each) => each.type === type);
      assert.ok(made !== undefined && (kind === "pool" || kind === "zone" || kind === "vnet"));
      const { inputs } = made;
      const entry = enter({ kind, id: "x", inputs })?.resources?.at(-1);
      assert.equal(entry?.urn.split("::").at(-1), made.name);
      assert.deepEqual(
        [entry.protect === true, entry.retainOnDelete, entry.ignoreChanges ?? []],
        [made.protect, made.retainOnDelete, made.ignoreChanges],
      );
      assert.deepEqual(findHalfChanged([entry]), [entry.urn]);
    }
  });

  it("takes the note of its making away, and is none without what it belongs to", () => {
    const part: Part = { kind: "pool", id: "vmstation", inputs: {} };
    const urn = enter(part)?.resources?.at(-1)?.urn ?? "";
    assert.ok(urn.includes(`$${POOL_TYPE}::hypervisor-pool`));
    const pending_operations = [{ resource: { urn } }, { resource: { urn: "another" } }];
    const left = enter(part, { resources: [LAYER, PROVIDER], pending_operations });
    assert.deepEqual(left?.pending_operations, [{ resource: { urn: "another" } }]);
    assert.equal(enter(part, { resources: [LAYER] }), undefined);
    assert.equal(enter(part, { resources: [PROVIDER] }), undefined);
  });
});
