import assert from "node:assert/strict";
import { z } from "zod";
import { documentedRights, withOneLess } from "../support/proxmox-rights";
import { HYPERVISOR, RIGHTS as OF_MACHINES, useVirtualLab } from "./virtual-lab";

const OF_NETWORK = documentedRights("A network between the hosts");
const RIGHTS = { ...OF_MACHINES, ...OF_NETWORK };

const inEffect = z.object({
  zone: z.record(z.string(), z.record(z.string(), z.unknown())),
  vnet: z.record(z.string(), z.record(z.string(), z.unknown())),
});

describe("a network between Proxmox hosts, by Pulumi's engine and the API's own schema", () => {
  const { pve, lab, asked, assertSettled } = useVirtualLab({
    rights: RIGHTS,
    settings: [
      "hypervisor.network={manage: true, zone: homezone, vnet: homenet, tag: 4242}",
      "machines.ni.vm.bridge=homenet",
      "network.mtu=1430",
    ],
  });
  // Releases up to 8.3.0 end when they make a zone.
  let isFaulty = false;
  const network = async () => inEffect.parse(await pve().call("in_effect"));

  beforeEach(function () {
    if (isFaulty) this.skip();
  });

  for (const { left, without, at } of withOneLess(OF_NETWORK).filter(({ at }) => at === "/sdn"))
    it(`is not made without ${without} on ${at}, and no machine is made on it`, async () => {
      await pve().call("allow", { ...RIGHTS, ...left });
      const update = await lab().up(HYPERVISOR);
      assert.ok(!update.ok);
      assert.match(update.output, new RegExp(`Permission check failed.*${without}`));
      assert.ok(!update.names("create").includes("hypervisor-vm-ni"));
      await pve().call("allow", RIGHTS);
    });

  it("is in effect before the first machine on it is made", async function () {
    await asked();
    const update = await lab().up(HYPERVISOR);
    if (update.output.includes("interface conversion: interface {} is nil")) {
      console.log(
        "    skipped: this release of the provider makes no network, by a fault of its own",
      );
      isFaulty = true;
      this.skip();
    }
    assert.ok(update.ok, update.output);
    assert.deepEqual(await network(), {
      zone: { homezone: { peers: "10.214.0.33,10.214.0.34", mtu: 1450 } },
      vnet: { homenet: { zone: "homezone", tag: 4242 } },
    });
    const order = (await asked()).map(([method, where]) => `${method} ${where}`);
    const at = (end: RegExp): number => order.findIndex((each) => end.test(each));
    assert.ok(at(/PUT .*\/cluster\/sdn$/) >= 0, order.join("\n"));
    assert.ok(at(/PUT .*\/cluster\/sdn$/) < at(/POST .*\/pve-b\/qemu$/), order.join("\n"));
    const config = z.record(z.string(), z.unknown()).parse(await pve().call("config", 152));
    assert.match(String(config.net0), /bridge=homenet.*mtu=1450/);
  });

  it("is the same at the second look, and after a refresh", async () => {
    await assertSettled();
  });

  for (const [what, setting, expected] of [
    ["number", "hypervisor.network.tag=4243", { tag: 4243 }],
    ["MTU", "hypervisor.network.mtu=1440", { mtu: 1440 }],
    ["peers", "hypervisor.hosts.pve-c={address: 10.214.0.35, cpus: 4, memory: 16Gi}", { peers: 3 }],
  ] as const)
    it(`takes another ${what}, which is put into effect at once`, async () => {
      lab().set(setting);
      if (what === "MTU") lab().set("network.mtu=1420");
      const update = await lab().up(HYPERVISOR);
      assert.ok(update.ok, update.output);
      const { zone, vnet } = await network();
      const found = { ...zone.homezone, ...vnet.homenet };
      const peers = String(found.peers).split(",").length;
      assert.deepEqual({ ...found, peers, ...expected }, { ...found, peers });
      // While an MTU alone waits in Proxmox the provider reads no peers, and writes them again at the next update.
      if (what === "MTU") assert.ok((await lab().up(HYPERVISOR)).ok);
      const again = await lab().up({ ...HYPERVISOR, expectNoChanges: true });
      assert.ok(again.ok, again.output);
    });

  it("stays where everything else is destroyed, and where it has left the configuration", async () => {
    await asked();
    const verb = await lab().verb(["destroy", "--yes"]);
    assert.equal(verb.code, 0, verb.output);
    assert.deepEqual(await asked(), []);
    assert.deepEqual(Object.keys((await network()).vnet), ["homenet"]);
  });
});
