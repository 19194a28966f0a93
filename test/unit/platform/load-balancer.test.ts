import assert from "node:assert/strict";
import type { Change } from "../../support/homelab";
import { named, type Recorded } from "../../support/mocks";
import { recordStack } from "../../support/stack";
import { LOAD_BALANCER, platformSite } from "./sites";

const site = platformSite({ loadBalancer: LOAD_BALANCER });

describe("the load balancer", () => {
  let graph: Recorded[];
  before(async () => {
    graph = await recordStack(site);
  });

  it("has its pool and its advertisement after its release", () => {
    assert.ok(
      named(graph, "platform-load-balancer-pool").dependencies.includes(
        "platform-load-balancer-metallb",
      ),
    );
    const { inputs, dependencies } = named(graph, "platform-load-balancer-home-enp2s0");
    assert.deepEqual(dependencies, ["platform-load-balancer-pool"]);
    assert.deepEqual(inputs.spec, {
      ipAddressPools: ["home"],
      interfaces: ["enp2s0"],
      nodeSelectors: [
        {
          matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["maple"] }],
        },
      ],
    });
  });

  it("tells its figures to an account that may read figures and nothing else", () => {
    for (const name of ["metallb-controller", "metallb-speaker"])
      assert.match(
        JSON.stringify(named(graph, `monitoring-podmonitor-${name}`).inputs.spec),
        /"authorization":\{"credentials":\{"key":"token","name":"metrics-reader"\}\}/,
      );
    const { rules } = named(graph, "monitoring-metrics-reader-cluster-role").inputs;
    assert.deepEqual(rules, [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }]);
    const token = named(graph, "monitoring-metrics-reader-token").inputs;
    assert.equal(token.type, "kubernetes.io/service-account-token");
  });

  it("opens its metrics to the pods where something reads them, and else to nobody", () => {
    const opened = (...changes: Change[]): string[] =>
      platformSite({ loadBalancer: LOAD_BALANCER }, ...changes)
        .facts.firewall.map(({ purpose }) => purpose)
        .filter((purpose) => purpose.startsWith("MetalLB"));
    assert.deepEqual(opened(), ["MetalLB's metrics"]);
    assert.deepEqual(opened([["monitoring"], undefined]), []);
  });
});
