import assert from "node:assert/strict";
import { isVirtual, MARK } from "../../components/hypervisor/virtual";
import { findForeign } from "../../scripts/kit/proxmox/foreign";
import { findHypervisorProblems } from "../../scripts/kit/proxmox/find-problems";
import { findUntrackedPool } from "../../scripts/kit/proxmox/untracked-pool";
import { HA_TYPE } from "../../scripts/kit/proxmox/vm-name";
import type { Change } from "../support/homelab";
import { AVAILABLE, HOST_ASLEEP, HYPERVISOR_KEY, VIRTUAL } from "../support/hypervisor";
import { documentedRights, withOneLess } from "../support/proxmox-rights";
import { homelabSite } from "../support/site";
import { useFakePve } from "./use-fake-pve";
import { RIGHTS as OF_MACHINES } from "./virtual-lab";

const OF_HA = documentedRights("High availability");
const RIGHTS = { ...OF_MACHINES, ...OF_HA };
const MANAGED: Change = [["hypervisor", "pool"], { name: "vmstation", manage: true }];

describe("what Proxmox lacks for a machine in high availability", () => {
  const pve = useFakePve();
  beforeEach(async () => {
    await pve().call("heal");
    await pve().call("empty");
    await pve().call("allow", RIGHTS);
    await pve().call("share", "ceph-pool", true);
    await pve().call("share", "local", false);
    await pve().call("set_node_offline", "pve-b", false);
  });

  let warned: string[] = [];
  const find = (...changes: readonly Change[]): Promise<string[]> => {
    warned = [];
    return findHypervisorProblems(pve().api(), homelabSite(...AVAILABLE, ...changes), (text) => {
      warned.push(text);
    });
  };

  it("is nothing with the rights of the documents, and changes nothing", async () => {
    assert.deepEqual(await find(), []);
    assert.deepEqual(warned, []);
    assert.deepEqual(await pve().call("asked"), []);
  });

  for (const { left, without, at } of withOneLess(OF_HA))
    it(`is ${without} on ${at}, where that is missing`, async () => {
      await pve().call("allow", { ...RIGHTS, ...left });
      const said = (await find()).join("\n");
      assert.ok(said.includes(`the token lacks ${without} on ${at}`), said);
    });

  it("is a disk that the other host does not have", async () => {
    await pve().call("share", "ceph-pool", false);
    assert.deepEqual(
      (await find([["machines", "spruce", "vm", "ha"], undefined])).map((text) =>
        text.slice(0, 131),
      ),
      [
        "machines.maple.vm.ha: the disk of maple is in ceph-pool, which each host has for itself: pve-b could not start it. Leave out ha. Or",
      ],
    );
    await pve().call("make", 263, "maple", "pve-a");
    await pve().call("replicate", 263, "pve-b");
    const left = await find([["machines", "spruce", "vm", "ha"], undefined]);
    assert.deepEqual(left, []);
    assert.match(warned.join("\n"), /maple is in ceph-pool.* is lost when pve-a fails$/m);
    // The other one's is not.
    assert.match((await find()).join("\n"), /^machines\.spruce\.vm\.ha: .* pve-a could not start/m);
  });

  it("is a host that would not have the file of the machine's SSH host key", async () => {
    const keyed: readonly Change[] = [
      [["hypervisor", "hosts", "pve-a", "ssh"], { hostKey: HYPERVISOR_KEY }],
      [["machines", "maple", "vm", "hostKeySecret"], "mapleHostKey"],
      [["machines", "maple", "hostKey"], HYPERVISOR_KEY],
    ];
    await pve().call("storage", "local", "iso,vztmpl,backup,import,snippets");
    assert.match(
      (await find(...keyed)).join("\n"),
      /^machines\.maple\.vm\.ha: pve-b would not have the file/m,
    );
    await pve().call("share", "local", true);
    assert.deepEqual(await find(...keyed), []);
    await pve().call("share", "local", false);
    const both: Change = [["hypervisor", "hosts", "pve-b", "ssh"], { hostKey: HYPERVISOR_KEY }];
    assert.deepEqual(await find(...keyed, both), []);
  });

  it("is no disk or file of a host that sleeps, of which it is said how to leave it out", async () => {
    const asleep: readonly Change[] = [...HOST_ASLEEP, [["machines", "maple", "vm", "ha"], {}]];
    await pve().call("add_node", "pve-c");
    await pve().call("share", "ceph-pool", false);
    await pve().call("make", 263, "maple", "pve-a");
    const refused = (await find(...asleep)).join("\n");
    assert.match(refused, /for itself: pve-c could not start it\..* strict: true \}$/m);
    await pve().call("replicate", 263, "pve-c");
    assert.deepEqual(await find(...asleep), []);
    assert.match(
      warned.join("\n"),
      /^machines\.maple\.vm\.ha: .* pve-b would not have its disk\. .* hosts: \[HOST, HOST\], strict: true \}$/m,
    );
    const strict: Change = [
      ["machines", "maple", "vm", "ha"],
      { hosts: ["pve-a", "pve-c"], strict: true },
    ];
    assert.deepEqual(await find(...asleep, strict), []);
    assert.doesNotMatch(warned.join("\n"), /pve-b/);
  });

  it("is a bridge on the host that would take it over", async () => {
    const said = await find([["machines", "maple", "vm", "bridge"], "homenet"]);
    assert.match(said.join("\n"), /^machines\.maple\.vm\.bridge: pve-b has no bridge homenet/m);
  });

  it("is nothing where a machine is on another host already, which is said with the way back", async () => {
    await pve().call("make", 263, "maple", "pve-a");
    await pve().call("ha_by_hand", "vm:263", {});
    await pve().call("fail_over", 263, "pve-b");
    await find();
    assert.match(
      warned.join("\n"),
      /maple is on pve-b, where high availability has it, .*: ha-manager migrate vm:263 pve-a$/m,
    );
  });
});

describe("what somebody else has made in Proxmox, when an update would make it", () => {
  const pve = useFakePve();
  beforeEach(async () => {
    await pve().call("empty");
    await pve().call("allow", RIGHTS);
    for (const [name, id] of [
      ["maple", 263],
      ["spruce", 261],
    ])
      await pve().call("make", id, name, "pve-a");
  });

  const find = (
    changes: readonly Change[],
    state: readonly { readonly type: string; readonly inputs: object }[] = [],
  ): Promise<string[]> => {
    const { machines } = homelabSite(...changes);
    const resources = state.map((each) => ({ ...each, urn: `urn:${each.type}` }));
    return findForeign(pve().api(), machines.filter(isVirtual), resources);
  };

  it("is a machine's place in high availability, with the command that takes it out", async () => {
    assert.deepEqual(await find(AVAILABLE), []);
    await pve().call("ha_by_hand", "vm:261", { comment: "mine" });
    assert.match(
      (await find(AVAILABLE)).join("\n"),
      /^machines\.spruce\.vm\.ha: Proxmox has vm:261 .*not put it there.* ha-manager remove vm:261$/,
    );
    assert.deepEqual(await find(VIRTUAL), []);
  });

  it("is none that the state has, or that an update has left which was cut", async () => {
    await pve().call("ha_by_hand", "vm:261", { comment: "changed by hand" });
    const noted = { type: HA_TYPE, inputs: { resourceId: "vm:261" } };
    assert.deepEqual(await find(AVAILABLE, [noted]), []);
    await pve().call("ha_by_hand", "vm:261", { comment: MARK });
    assert.deepEqual(await find(AVAILABLE), []);
  });

  it("is a rule with nodes, beside which Proxmox takes no other", async () => {
    await pve().call("ha_by_hand", "vm:263", { comment: MARK });
    await pve().call("ha_rule_by_hand", "vmstation-263", "vm:263", "pve-a");
    assert.deepEqual(await find(AVAILABLE), []);
    await pve().call("ha_rule_by_hand", "prefer-b", "vm:264,vm:263", "pve-b");
    assert.match(
      (await find(AVAILABLE)).join("\n"),
      /^machines\.maple\.vm\.ha\.hosts: Proxmox has vm:263 in the rule prefer-b already/,
    );
    const anywhere: Change = [["machines", "maple", "vm", "ha"], {}];
    assert.deepEqual(await find([...AVAILABLE, anywhere]), []);
  });
});

describe("a pool that the update makes", () => {
  const pve = useFakePve();
  const OF_POOL = documentedRights("A pool that is made")["/pool/vmstation"] ?? [];
  const IN_POOL = new Map(Object.entries(OF_MACHINES)).get("/pool/vmstation") ?? [];

  const left = async (...changes: readonly Change[]) => {
    const { config, machines } = homelabSite(...VIRTUAL, ...changes);
    const { hypervisor } = config;
    assert.ok(hypervisor !== undefined);
    return findUntrackedPool(pve().api(), hypervisor, machines.filter(isVirtual), []);
  };

  it("is used as it is where it is there already, and taken up where an update has left it", async () => {
    await pve().call("allow", { ...OF_MACHINES, "/pool/vmstation": [...IN_POOL, ...OF_POOL] });
    const [found] = await left(MANAGED);
    assert.ok(found !== undefined && "problem" in found);
    assert.match(
      found.problem,
      /there is one already by the name vmstation\. Write pool: vmstation,/,
    );
    await pve().call("pool_comment", "vmstation", MARK);
    const inputs = { poolId: "vmstation", comment: MARK };
    assert.deepEqual(await left(MANAGED), [{ kind: "pool", id: "vmstation", inputs }]);
    assert.deepEqual(await left(), []);
  });

  it("is somebody else's where it has another machine than ours, whatever its mark", async () => {
    await pve().call("make", 261, "spruce", "pve-a");
    assert.ok((await left(MANAGED)).every((each) => "kind" in each));
    await pve().call("make", 300, "nas", "pve-a");
    const [found] = await left(MANAGED);
    assert.ok(found !== undefined && "problem" in found);
    assert.match(found.problem, /by the name vmstation, and in it: qemu\/300\. Write pool/);
  });

  it("is missed by nobody, and its right is", async () => {
    await pve().call("empty");
    await pve().call("forget_pool", "vmstation");
    const find = (...changes: readonly Change[]) =>
      findHypervisorProblems(pve().api(), homelabSite(...VIRTUAL, ...changes), () => undefined);
    await pve().call("allow", { ...OF_MACHINES, "/pool/vmstation": [...IN_POOL, ...OF_POOL] });
    assert.deepEqual(await find(MANAGED), []);
    assert.match((await find()).join("\n"), /there is no pool vmstation\. .* manage: true \}$/);
    await pve().call("allow", OF_MACHINES);
    assert.deepEqual(await find(MANAGED), [
      "hypervisor.tokenSecret: the token lacks Pool.Allocate on /pool/vmstation",
    ]);
  });
});
