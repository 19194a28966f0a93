import assert from "node:assert/strict";
import fc from "fast-check";
import { hypervisorSchema } from "../../components/hypervisor/config";
import { renderMarkedVnet, renderZone } from "../../components/hypervisor/proxmox/render-network";
import { chooseSeed, countCases } from "../support/cases";
import { HYPERVISOR, NETWORK } from "../support/hypervisor";
import { refusalOf, useFakePve } from "./use-fake-pve";

/** What the provider makes of the settings, by its source: a request for each, lists with commas. */
describe("the requests for a network between Proxmox hosts", () => {
  const pve = useFakePve();
  const api = () => pve().api();

  const parse = (network: unknown) => hypervisorSchema.safeParse({ ...HYPERVISOR, network });

  it("are as the API's own schema wants them", async () => {
    const config = parse(NETWORK).data ?? assert.fail("the fixture is wrong");
    const network = config.network ?? assert.fail("the fixture has no network");
    const { resourceId: zone, peers, mtu } = renderZone(network, config);
    const made = api().post("/cluster/sdn/zones", {
      ...{ zone, type: "vxlan", peers: peers.join(","), mtu: String(mtu) },
    });
    assert.equal(await refusalOf(made), undefined);
    const {
      resourceId: vnet,
      tag,
      alias,
    } = renderMarkedVnet(network, "a-name-of-a-cluster.example");
    const joined = api().post("/cluster/sdn/vnets", { vnet, zone, tag: String(tag), alias });
    assert.equal(await refusalOf(joined), undefined);
  });

  it("have a name and a number that the API takes, wherever the configuration takes them", async () => {
    const name = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_-]{1,10}$/),
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,9}$/),
    );
    const number = fc.oneof(
      fc.integer({ min: -1, max: 3 }),
      fc.integer({ min: 2 ** 24 - 3, max: 2 ** 24 + 3 }),
    );
    await fc.assert(
      fc.asyncProperty(name, number, async (vnet, tag) => {
        const ours = parse({ ...NETWORK, vnet, tag }).success;
        const said = await refusalOf(
          api().post("/cluster/sdn/vnets", { vnet, zone: "homezone", tag: String(tag) }),
        );
        const theirs = said === undefined || said.includes("already defined");
        assert.equal(ours, theirs, `${vnet} ${tag}: ${said ?? "taken"}`);
      }),
      { numRuns: countCases(100), seed: chooseSeed() },
    );
  });
});
