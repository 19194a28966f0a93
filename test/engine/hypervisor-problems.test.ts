import assert from "node:assert/strict";
import { isVirtual } from "../../components/hypervisor/virtual";
import { neededRights } from "../../components/hypervisor/rights";
import { findHypervisorProblems } from "../../scripts/kit/proxmox/find-problems";
import type { Change } from "../support/homelab";
import { keyed, NETWORKED, VIRTUAL } from "../support/hypervisor";
import { documentedRights, withOneLess } from "../support/proxmox-rights";
import { homelabSite } from "../support/site";
import { useFakePve } from "./use-fake-pve";
import { RIGHTS } from "./virtual-lab";

describe("what Proxmox lacks for the stack's machines", () => {
  const pve = useFakePve();
  beforeEach(async () => {
    await pve().call("heal");
    await pve().call("allow", RIGHTS);
    await pve().call("set_node_offline", "pve-b", false);
    await pve().call("storage", "local", "iso,vztmpl,backup,import");
  });

  let warned: string[] = [];
  const find = (...changes: readonly Change[]): Promise<string[]> => findIn(VIRTUAL, changes);
  const findIn = (stack: readonly Change[], changes: readonly Change[]): Promise<string[]> => {
    warned = [];
    return findHypervisorProblems(pve().api(), homelabSite(...stack, ...changes), (text) => {
      warned.push(text);
    });
  };

  it("is nothing with the rights of the documents, and changes nothing", async () => {
    assert.deepEqual(await find(), []);
    assert.deepEqual(await pve().call("asked"), []);
    const { config, machines } = homelabSite(...VIRTUAL);
    assert.ok(config.hypervisor !== undefined);
    const needed = neededRights(config.hypervisor, ["pve-a", "pve-b"], machines.filter(isVirtual));
    const sorted = (rights: Readonly<Record<string, readonly string[]>>) =>
      Object.fromEntries(Object.entries(rights).map(([at, names]) => [at, [...names].sort()]));
    assert.deepEqual(sorted(needed), sorted(RIGHTS));
  });

  for (const { left, without, at } of withOneLess(RIGHTS))
    it(`is ${without} on ${at}, where that is missing`, async () => {
      await pve().call("allow", left);
      const said = (await find()).join("\n");
      assert.ok(said.includes(`the token lacks ${without} on ${at}`), said);
    });

  it("is nothing where a host is off: the others' update need not wait for it", async () => {
    await pve().call("set_node_offline", "pve-b");
    assert.deepEqual(await find(), []);
    assert.match(String(warned[0]), /pve-b: it is off/);
  });

  it("is nothing with the rights for a network, whose bridge the update makes", async () => {
    const { "/sdn": rights = [], ...ofNetwork } = documentedRights("A network between the hosts");
    assert.deepEqual(rights, ["SDN.Allocate"]);
    await pve().call("allow", { ...RIGHTS, ...ofNetwork, "/sdn": rights });
    assert.deepEqual(await findIn(NETWORKED, []), []);
    await pve().call("allow", RIGHTS);
    const said = (await findIn(NETWORKED, [])).join("\n");
    assert.match(said, /the token lacks SDN\.Allocate on \/sdn$/m);
    assert.match(said, /the token lacks SDN\.Use on \/sdn\/zones\/homezone\/homenet$/m);
  });

  it("is a host that the network would not reach", async () => {
    const changes: readonly Change[] = [
      [["hypervisor", "hosts", "pve-b"], undefined],
      [["machines", "spruce", "vm", "host"], "pve-a"],
      [["machines", "spruce", "memory"], "4Gi"],
    ];
    const said = (await findIn(NETWORKED, changes)).join("\n");
    assert.match(said, /^hypervisor\.hosts: pve-b of this Proxmox cluster is not named/m);
  });

  it("is a storage that takes no snippet, where a machine's key is to come from one", async () => {
    const said = (await findIn(keyed(), [])).join("\n");
    assert.match(
      said,
      /^hypervisor\.snippets\.storage: local on pve-a allows \S+, and not the content snippets/m,
    );
    await pve().call("storage", "local", "iso,vztmpl,backup,import,snippets");
    assert.deepEqual(await findIn(keyed(), []), []);
  });

  it("is the right to see a storage of the snippets alone, as the documents grant it", async () => {
    const cephfs: Change = [["hypervisor", "snippets", "storage"], "cephfs"];
    await pve().call("add_ceph_storage", "cephfs");
    await pve().call("storage", "cephfs", "snippets");
    assert.deepEqual(await findIn(keyed(), [cephfs]), [
      "hypervisor.tokenSecret: the token lacks Datastore.Audit on /storage/cephfs",
      "hypervisor.snippets.storage: cephfs on pve-a is not there, or the token lacks Datastore.Audit",
    ]);
    await pve().call("allow", { ...RIGHTS, ...documentedRights("The first contact") });
    assert.deepEqual(await findIn(keyed(), [cephfs]), []);
  });

  it("is a bridge that one machine alone is on", async () => {
    const said = await find([["machines", "maple", "vm", "bridge"], "homenet"]);
    assert.match(said.join("\n"), /^machines\.maple\.vm\.bridge: pve-a has no bridge homenet/m);
  });

  for (const [what, changes, fault, words] of [
    [
      "a storage",
      [[["hypervisor", "storage"], "local-zfs"]],
      [],
      /^hypervisor\.storage: local-zfs on pve-a is not there/m,
    ],
    [
      "the content of a storage",
      [],
      ["storage", "local", "iso,backup"],
      /^hypervisor\.image\.storage: local on pve-b allows \S+, and not the content import/m,
    ],
    [
      "a bridge",
      [[["hypervisor", "bridge"], "vmbr7"]],
      [],
      /^hypervisor\.bridge: pve-a has no bridge vmbr7/m,
    ],
    [
      "a host",
      [
        [["hypervisor", "hosts", "pve-z"], { address: "192.168.8.36", cpus: 8, memory: "32Gi" }],
        [["machines", "maple", "vm", "host"], "pve-z"],
      ],
      [],
      /^hypervisor\.hosts\.pve-z: it is no host of this Proxmox cluster$/m,
    ],
    [
      "a number that is somebody else's",
      [],
      ["make", 263, "nas", "pve-a"],
      /^machines\.maple\.vm\.id: 263 is nas in Proxmox$/m,
    ],
    [
      "a number of a machine that cannot be seen",
      [],
      ["hide", 261, "dns", "pve-b"],
      /^machines\.spruce\.vm\.id: 261 is a machine in Proxmox that the token does not see$/m,
    ],
    [
      "an answer",
      [],
      ["fail", "GET", "/cluster/resources", 503, "Service Unavailable"],
      /503 Service Unavailable/,
    ],
  ] as const)
    it(`is ${what}`, async () => {
      const [name, ...args] = fault;
      if (name !== undefined) await pve().call(name, ...args);
      const said = await find(...(changes as readonly Change[])).catch((error: unknown) => [
        String(error),
      ]);
      assert.match(said.join("\n"), words);
    });
});
