import assert from "node:assert/strict";
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
});
