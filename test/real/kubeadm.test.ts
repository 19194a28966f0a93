import assert from "node:assert/strict";
import { waitFor } from "../rig/wait";
import { assertDone, validationOf } from "./cluster/lab";
import {
  expectedConnections,
  MATRIX_PODS,
  measuredConnections,
  renderNamespaces,
} from "./cluster/matrix";
import { ask, askFromLan, startPods, WEB_PORT } from "./cluster/pods";
import { EXTERNAL_NAME } from "./mirror/serve";
import { useReal } from "./use-real";

const NODE_PORT = 30_080;

describe("a cluster by kubeadm, on bare machines", () => {
  const getReal = useReal();
  let addresses: Map<string, string>;

  it("comes up by one `up`, whose validation passes", async () => {
    const { lab } = getReal();
    const result = await lab.up();
    assertDone(result, lab);
    assert.equal(validationOf(result).status, "pass");
  });

  it("has asked the mirror for nothing that is not there", () => {
    assert.deepEqual([...getReal().mirror.missing], []);
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

  describe("its pods", () => {
    const friend = { namespace: "open", name: "friend" };

    before(async () => {
      const { objects } = getReal().lab;
      for (const object of renderNamespaces()) await objects.apply(object);
      addresses = await startPods(objects, MATRIX_PODS);
    });

    it("reach each other across machines, each under its own address", async () => {
      const { objects } = getReal().lab;
      const url = `http://${addresses.get("stranger") ?? ""}:${String(WEB_PORT)}`;
      assert.equal(await ask(objects, friend, url), `stranger ${addresses.get("friend") ?? ""}`);
    });

    it("find names of the cluster and of the world", async () => {
      const { lab } = getReal();
      const resolve = (name: string): Promise<string> =>
        lab.kubectl("exec", "-n", "open", "friend", "--", "/small", "resolve", name);
      assert.equal((await resolve("kubernetes.default.svc.cluster.local")).trim(), "10.96.0.1");
      assert.equal((await resolve(EXTERNAL_NAME)).trim(), "10.213.0.1");
    });

    it("answer as a Service, and to the LAN at a port of every machine", async () => {
      const { lab, rig } = getReal();
      const spec = {
        type: "NodePort",
        selector: { app: "stranger" },
        ports: [{ port: 80, targetPort: WEB_PORT, nodePort: NODE_PORT }],
      };
      const metadata = { name: "web", namespace: "open" };
      await lab.objects.apply({ apiVersion: "v1", kind: "Service", metadata, spec });
      await waitFor("the Service", async () =>
        (await ask(lab.objects, friend, "http://web"))?.startsWith("stranger "),
      );
      for (const { address } of rig.machines)
        await waitFor(`the port of ${address}`, async () =>
          (await askFromLan(`http://${address}:${String(NODE_PORT)}`))?.startsWith("stranger "),
        );
    });

    it("reach whom the program's policies let them reach, and nobody else", async () => {
      const { objects } = getReal().lab;
      const expected = expectedConnections(addresses);
      await waitFor("the policies to be in force", async () => {
        const measured = await measuredConnections(objects, addresses);
        return measured.length === expected.length;
      });
      assert.deepEqual(await measuredConnections(objects, addresses), expected);
    });
  });
});
