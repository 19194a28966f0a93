import assert from "node:assert/strict";
import { z } from "zod";
import { renderHostEndpoint } from "../../../components/network/render-calico";
import { named, type Recorded } from "../../support/mocks";
import { homelabSite } from "../../support/site";
import { ancestorsOf, recordStack } from "../../support/stack";

const policy = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({ podSelector: z.object({}).strict().optional(), policyTypes: z.unknown() }),
});

describe("a machine's interface, as Calico knows it", () => {
  const machine = { name: "maple", address: "192.0.2.9" };

  it("has the configured name, or is the one with the machine's address", () => {
    const found = { node: "maple", expectedIPs: ["192.0.2.9"] };
    const profiles = ["projectcalico-default-allow"];
    assert.deepEqual(renderHostEndpoint(machine), { ...found, profiles });
    const named = renderHostEndpoint({ ...machine, nic: "enp2s0" });
    assert.deepEqual(named, { ...found, profiles, interfaceName: "enp2s0" });
  });
});

describe("Network", () => {
  let graph: Recorded[];
  let children: Recorded[];
  before(async () => {
    graph = await recordStack(homelabSite());
    children = graph.filter(({ parent }) => parent === "network");
  });

  const namesOf = (type: string): string[] =>
    children
      .filter((child) => child.type === type)
      .map(({ name }) => name)
      .sort();

  it("makes the machines known to Calico before it closes NodePorts there", () => {
    const endpoints = namesOf("kubernetes:projectcalico.org/v3:HostEndpoint");
    assert.deepEqual(endpoints, [
      "network-host-hazel",
      "network-host-maple",
      "network-host-spruce",
    ]);
    const { dependencies } = named(graph, "network-node-ports");
    assert.deepEqual(
      endpoints.filter((name) => !dependencies.includes(name)),
      [],
    );
  });

  it("makes nothing before the cluster has answered for its kind", () => {
    const verify = String(named(graph, "bootstrap-verify").inputs.stdin);
    const own = children.flatMap(
      ({ type }) => /^kubernetes:projectcalico.org\/v3:(.*)$/.exec(type)?.[1] ?? [],
    );
    assert.deepEqual([...new Set(own)].sort(), ["GlobalNetworkPolicy", "HostEndpoint"]);
    for (const kind of own) {
      const plural = `${kind.toLowerCase()}s`.replace(/ys$/, "ies");
      assert.ok(verify.includes(`"${plural}.v3.projectcalico.org"`), kind);
    }
    for (const { name } of children)
      assert.ok(ancestorsOf(graph, name).has("bootstrap-verify"), name);
  });

  it("makes the namespaces of the later layers, each of which denies by default", () => {
    assert.deepEqual(namesOf("kubernetes:core/v1:Namespace"), [
      "network-jellyfin",
      "network-monitoring",
    ]);
    const denials = children
      .filter(({ name }) => name.endsWith("-default-deny"))
      .map(({ inputs }) => policy.parse(inputs))
      .map(({ metadata, spec }) => [metadata.namespace, spec.podSelector, spec.policyTypes]);
    assert.deepEqual(denials.sort(), [
      ["jellyfin", {}, ["Ingress", "Egress"]],
      ["monitoring", {}, ["Ingress", "Egress"]],
    ]);
  });

  it("is ready once pods reach each other under the policies, and later layers wait for it", () => {
    const ready = named(graph, "network-ready-maple");
    assert.ok(ready.dependencies.includes("network-node-ports"));
    assert.match(String(ready.inputs.stdin), /vmstation-reach-spruce/);
    for (const later of ["monitoring-loki", "power-controller-maple", "apps-jellyfin-server"])
      assert.ok(ancestorsOf(graph, later).has("network-ready-maple"), later);
  });
});
