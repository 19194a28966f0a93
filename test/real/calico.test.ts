import assert from "node:assert/strict";
import { z } from "zod";
import { waitFor } from "../rig/wait";
import { whyNoCalico } from "./calico/folder";
import { assertNodePorts } from "./calico/node-ports";
import { assertDone, validationOf } from "./cluster/lab";
import { assertPolicies, MATRIX_PODS, renderNamespaces } from "./cluster/matrix";
import { fallAsleep } from "./cluster/sleep";
import { startPods } from "./cluster/pods";
import { APP_STAND_IN } from "./mirror/contents";
import { listedFor, readAsked } from "./mirror/listed";
import { useReal } from "./use-real";

const MINUTE = 60_000;

const podsSchema = z.object({
  items: z.array(z.object({ spec: z.object({ nodeName: z.string().optional() }) })),
});

describe("Calico itself, by its operator", function () {
  // Each test goes on with the cluster that the one before has left.
  this.bail(true);
  before(function () {
    const why = whyNoCalico();
    if (why === undefined) return;
    console.log(`    pending: ${why}`);
    this.skip();
  });
  const getReal = useReal({ calico: true });

  it("comes up by one `up`, whose validation passes", async () => {
    const { lab } = getReal();
    const result = await lab.up();
    assertDone(result, lab);
    assert.equal(validationOf(result).status, "pass");
  });

  it("has asked the mirror for all that `vmstation mirror list` lists, and for nothing else", () => {
    const { lab, mirror } = getReal();
    assert.deepEqual([...mirror.missing], []);
    const asked = readAsked(mirror.asked);
    const listed = listedFor(lab.stackFile);
    assert.deepEqual(asked.files, listed.files);
    assert.deepEqual(asked.repositories, [...listed.repositories, APP_STAND_IN.repository].sort());
  });

  it("is left alone by another `up`", async () => {
    const { lab } = getReal();
    const result = await lab.up();
    assertDone(result, lab);
    const changed = (["create", "update", "replace", "delete"] as const).flatMap((operation) =>
      result.names(operation),
    );
    assert.deepEqual(changed, []);
  });

  describe("its policies", () => {
    before(async () => {
      const { objects } = getReal().lab;
      for (const object of renderNamespaces()) await objects.apply(object);
    });

    after(() => getReal().lab.kubectl("delete", "namespace", "open", "closed"));

    it("let through what the pure evaluation of them does, and nothing else", async () => {
      const { objects } = getReal().lab;
      const addresses = await startPods(objects, MATRIX_PODS);
      await assertPolicies(objects, addresses);
    });

    it("let the LAN and pods reach the NodePorts of every machine, and no other network", async () => {
      await assertNodePorts(getReal());
    });
  });

  it("keeps no machine awake that may sleep, wherever its Typhas are", async () => {
    const { lab } = getReal();
    // As in a cluster where more machines sleep than not.
    await lab.kubectl("cordon", "maple", "spruce");
    const pods = ["get", "pods", "-n", "calico-system", "-l", "k8s-app=calico-typha", "-o", "json"];
    await lab.kubectl("delete", "pods", "-n", "calico-system", "-l", "k8s-app=calico-typha");
    await waitFor(
      "a Typha on hazel",
      async () =>
        podsSchema
          .parse(JSON.parse(await lab.kubectl(...pods)))
          .items.some(({ spec }) => spec.nodeName === "hazel"),
      2 * MINUTE,
    );
    await lab.kubectl("uncordon", "maple", "spruce");
    await lab.becomesHealthy();
    await fallAsleep(getReal(), "hazel");
    await lab.becomesHealthy();
    await lab.passes("wake", "hazel");
    await lab.becomesHealthy();
  });

  it("comes back by itself after a power cut", async () => {
    const { lab, rig } = getReal();
    await Promise.all(rig.machines.map((machine) => machine.powerOff()));
    await Promise.all(rig.machines.map((machine) => machine.boot()));
    await lab.becomesHealthy();
  });
});
