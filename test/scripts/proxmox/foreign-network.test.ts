import assert from "node:assert/strict";
import { foreignNetwork } from "../../../scripts/kit/proxmox/foreign-network";
import { VNET_TYPE, ZONE_TYPE } from "../../../scripts/kit/proxmox/vm-name";

const NETWORK = { zone: "homezone", vnet: "homenet", tag: 100, mtu: 1450 };
const THERE: Readonly<Record<string, unknown>> = {
  "/cluster/sdn/zones": [{ zone: "other" }, { zone: "homezone" }],
  "/cluster/sdn/vnets": [{ vnet: "homenet" }],
};
const api = { get: (path: string) => Promise.resolve(THERE[path] ?? []) };
const noted = (...types: string[]) => types.map((type) => ({ type, urn: type, id: "x" }));

describe("a network of Proxmox's SDN that is there before the stack makes it", () => {
  it("is named with both ways out", async () => {
    const found = await foreignNetwork(api, { network: { ...NETWORK, manage: true } }, []);
    assert.equal(found.length, 2);
    for (const [index, words] of ["zone homezone", "network homenet"].entries()) {
      assert.ok(found[index]?.includes(words), found[index]);
      assert.match(found[index] ?? "", /Leave out manage.*delete it where nothing uses it/);
    }
  });

  it("is no matter where the stack has made it, or makes none", async () => {
    const managed = { network: { ...NETWORK, manage: true } };
    assert.deepEqual(await foreignNetwork(api, managed, noted(ZONE_TYPE, VNET_TYPE)), []);
    const half = await foreignNetwork(api, managed, noted(ZONE_TYPE));
    assert.deepEqual([half.length, half[0]?.includes("network homenet")], [1, true]);
    const others = { ...NETWORK, zone: "mine", vnet: "ours" };
    assert.deepEqual(await foreignNetwork(api, { network: { ...others, manage: true } }, []), []);
    assert.deepEqual(await foreignNetwork(api, { network: { ...NETWORK, manage: false } }, []), []);
    assert.deepEqual(await foreignNetwork(api, { network: undefined }, []), []);
  });
});
