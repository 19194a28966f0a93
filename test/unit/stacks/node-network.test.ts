import assert from "node:assert/strict";
import { renderInternetEgress, renderPortPolicy } from "../../../components/apps/frame/policies";
import { renderHostEndpoint } from "../../../components/network/render-calico";
import { renderFirewall } from "../../../components/node/firewall-step";
import { renderHosts } from "../../../components/node/identity-step";
import { apiEgress, machinePeers } from "../../../components/shared/policies";
import { nodeContextOf } from "../../../stacks/node-context";
import type { Recorded } from "../../support/mocks";
import { NODE_ADDRESSES, NODE_CIDR, NODE_NETWORK } from "../../support/node-network";
import { homelabSite } from "../../support/site";
import { ancestorsOf, recordStack } from "../../support/stack";

const site = homelabSite(...NODE_NETWORK);
const plain = homelabSite();
const maple = site.machines.find(({ name }) => name === "maple") ?? assert.fail("no maple");

describe("a stack whose machines have a network of their own", () => {
  let graphs: { own: Recorded[]; plain: Recorded[] };
  before(async () => {
    graphs = { own: await recordStack(site), plain: await recordStack(plain) };
  });

  it("lets in from there what it lets in from machines, and nothing else", () => {
    const [own, before] = [site, plain].map((each) => {
      const machine = each.machines.find(({ name }) => name === "maple") ?? assert.fail();
      return renderFirewall(machine, nodeContextOf(each)).split("\n");
    });
    const changed = own?.filter((line) => before?.includes(line) !== true);
    assert.deepEqual(changed, [
      "    elements = { 10.0.0.10, 10.0.0.11, 10.0.0.12, 192.168.8.61, 192.168.8.62, 192.168.8.63 }",
    ]);
    assert.equal(own?.length, before?.length);
  });

  it("lets pods that ask the API server, or a machine, to both of its addresses", () => {
    const both = [{ cidr: "192.168.8.63/32" }, { cidr: "10.0.0.10/32" }];
    assert.deepEqual(apiEgress("x", {}, site).peers, both);
    assert.equal(machinePeers(site).length, 6);
  });

  it("lets in at NodePorts what a machine forwards from there, and no pod out to it as to the internet", () => {
    assert.deepEqual(renderPortPolicy("x", [1], site).peers, [
      { cidr: "192.168.8.0/24" },
      { cidr: site.network.podCidr },
      { cidr: NODE_CIDR },
    ]);
    assert.deepEqual(renderInternetEgress("x", [443], site).peers, [
      {
        cidr: "0.0.0.0/0",
        except: ["192.168.8.0/24", site.network.podCidr, site.network.serviceCidr, NODE_CIDR],
      },
    ]);
  });

  it("reads etcd's metrics where K3s, RKE2 and Kubespray have them answered", () => {
    const values = graphs.own.find(({ name }) => name === "monitoring-kube-prometheus-stack")
      ?.inputs.values;
    assert.match(JSON.stringify(values), /"endpoints":\["10\.0\.0\.10"\]/);
  });

  it("stays on the LAN for everything else", () => {
    assert.deepEqual(renderHostEndpoint(maple), {
      ...{ node: "maple", interfaceName: "enp2s0", expectedIPs: ["192.168.8.63"] },
      profiles: ["projectcalico-default-allow"],
    });
    assert.deepEqual(renderHosts(nodeContextOf(site)), renderHosts(nodeContextOf(plain)));
    const hosts = ({ inputs }: Recorded) =>
      Reflect.get(Object(inputs.connection), "host") as unknown;
    assert.deepEqual(graphs.own.map(hosts), graphs.plain.map(hosts));
    const endpoint = ({ own }: typeof graphs) =>
      own
        .filter(({ name }) => /kubeconfig|power|backup|apps-/.test(name))
        .map(({ inputs }) => JSON.stringify(inputs));
    for (const text of endpoint(graphs))
      for (const address of Object.values(NODE_ADDRESSES)) assert.ok(!text.includes(address));
  });

  it("has no firewall changed before each machine has agreed to its address", () => {
    const looksBefore = (graph: Recorded[]): string[] =>
      [...ancestorsOf(graph, "node-maple-ready")].filter((name) => name.startsWith("preflight-"));
    const all = ["preflight-hazel", "preflight-maple", "preflight-spruce"];
    assert.deepEqual(looksBefore(graphs.own).sort(), all);
    assert.deepEqual(looksBefore(graphs.plain), ["preflight-maple"]);
  });

  it("is the same stack without one, but for what preflight and checks look at", () => {
    // Where no machine has such an address, a network alone changes nothing.
    const declared = homelabSite([["node", "clusterCidr"], NODE_CIDR]);
    assert.deepEqual(declared.network, plain.network);
    assert.ok(!("nodeCidr" in plain.network));
    const text = JSON.stringify(graphs.plain.map(({ inputs }) => inputs));
    for (const word of ["nodeAddressAutodetection", "node-external-ip", "CLUSTER_NIC=", "10.0.0."])
      assert.ok(!text.includes(word), word);
  });
});
