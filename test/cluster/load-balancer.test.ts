import assert from "node:assert/strict";
import { z } from "zod";
import { METRICS_READER } from "../../components/shared/metrics";
import { renderPool } from "../../components/platform/load-balancer/render-pool";
import { waitFor } from "../rig/wait";
import { judgePlatform } from "../unit/platform/platform-checks";
import { platformSite } from "../unit/platform/sites";
import { applyCrds, PLATFORM_GROUPS } from "./crds";
import { Daemon } from "./daemon";
import { kubeObject, type KubeObject } from "./kube-object";
import { applyObjects, objectsOf } from "./plan-objects";
import { recordStack } from "../support/stack";
import { findPorts } from "./test-cluster";
import { toolPath } from "./tools";
import { requireTools, useCluster } from "./use-cluster";
import { ask } from "./web";

const NAMESPACE = "metallb-system";
const ADDRESSES = ["192.168.8.230-192.168.8.232"];
const site = platformSite(
  { loadBalancer: { addresses: ADDRESSES }, names: { address: "192.168.8.231" } },
  [["lan", "domain"], "home.arpa"],
);

/** A Service of somebody's own, which asks for an address or takes any. */
const service = (name: string, asked?: string): KubeObject =>
  kubeObject.parse({
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name,
      namespace: "default",
      ...(asked === undefined ? {} : { annotations: { "metallb.io/loadBalancerIPs": asked } }),
    },
    spec: {
      type: "LoadBalancer",
      allocateLoadBalancerNodePorts: false,
      ports: [{ port: 80, protocol: "TCP" }],
    },
  });

/** The chart's pod: the controller looks for its own. */
const POD = kubeObject.parse({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "metallb-controller", namespace: NAMESPACE },
  spec: { containers: [{ name: "controller", image: "registry.invalid/controller" }] },
});

const given = z.looseObject({
  status: z.object({
    loadBalancer: z.object({ ingress: z.array(z.object({ ip: z.string() })).default([]) }),
  }),
});
const message = z.object({ message: z.string(), involvedObject: z.object({ name: z.string() }) });

describe("the load balancer's real controller", () => {
  const getCluster = useCluster();
  let controller: Daemon | undefined;
  let metrics = "";

  before(async function () {
    requireTools(this, ["metallb"]);
    const cluster = getCluster();
    await applyCrds(cluster, ...PLATFORM_GROUPS);
    const planned = objectsOf(await recordStack(site)).map(({ object }) => object);
    const wanted = planned.filter(
      ({ kind, metadata }) =>
        kind === "Namespace" ||
        [NAMESPACE, "names"].includes(metadata.namespace ?? "") ||
        metadata.name.endsWith(METRICS_READER),
    );
    await applyObjects(cluster, [...wanted, POD]);
    const [port = 0, health = 0] = await findPorts("127.0.0.1", 2);
    metrics = `https://127.0.0.1:${port}/metrics`;
    const args = {
      kubeconfig: cluster.kubeconfig,
      namespace: NAMESPACE,
      "pod-name": POD.metadata.name,
      port,
      "health-probe-port": health,
      "webhook-mode": "disabled",
    };
    controller = new Daemon({
      folder: cluster.folder,
      program: toolPath("controller"),
      args: Object.entries(args).map(([flag, value]) => `--${flag}=${value}`),
    });
  });

  after(() => controller?.stop());

  const addressesOf = async (object: KubeObject): Promise<string[]> => {
    controller?.assertRunning();
    const { status } = given.parse(await getCluster().api.read(object));
    return status.loadBalancer.ingress.map(({ ip }) => ip);
  };
  const getsOne = (object: KubeObject): Promise<string[]> =>
    waitFor(`an address for ${object.metadata.name}`, async () => {
      const found = await addressesOf(object);
      return found.length > 0 && found;
    });
  /** What the controller says of a Service, once it says something of that kind. */
  const saysOf = (object: KubeObject, words: RegExp): Promise<string> =>
    waitFor(`an event of ${object.metadata.name}`, async () => {
      controller?.assertRunning();
      const events = await getCluster().api.list("/api/v1/namespaces/default/events");
      return events
        .map((event) => message.parse(event))
        .find(
          (each) => each.involvedObject.name === object.metadata.name && words.test(each.message),
        )?.message;
    });
  /** What `vmstation validate platform` finds in the Services that there are. */
  const validate = async (): Promise<string[]> => {
    const ok = await getCluster().api.get("/api/v1/services");
    return (judgePlatform(site, [{ services: { ok } }])[0] ?? []).filter((line) =>
      line.startsWith("addresses"),
    );
  };

  it("gives the server of names the address that it asks for", async () => {
    const names = kubeObject.parse({
      ...service("names"),
      metadata: { name: "names", namespace: "names" },
    });
    assert.deepEqual(await getsOne(names), ["192.168.8.231"]);
  });

  it("gives nobody an address outside the pool", async () => {
    const outside = service("outside", "192.168.8.63");
    await applyObjects(getCluster(), [outside]);
    await saysOf(outside, /192\.168\.8\.63.*not allowed|no.*pool|not.*contain/i);
    assert.deepEqual(await addressesOf(outside), []);
    assert.deepEqual(await validate(), ["addresses: fail: default/outside waits for an address"]);
    await getCluster().api.call("DELETE", await getCluster().api.pathOf(outside));
  });

  it("gives who does not ask what is left, and no more: validate says that all are taken", async () => {
    const [first, second, third] = ["first", "second", "third"].map((name) => service(name));
    assert.ok(first && second && third);
    await applyObjects(getCluster(), [first, second]);
    const got = [...(await getsOne(first)), ...(await getsOne(second))];
    assert.deepEqual(got.sort(), ["192.168.8.230", "192.168.8.232"]);
    assert.deepEqual(await validate(), ["addresses: pass: 3 of 3 used"]);
    await applyObjects(getCluster(), [third]);
    await saysOf(third, /no available|exhausted/i);
    assert.deepEqual(await addressesOf(third), []);
    assert.deepEqual(await validate(), [
      "addresses: fail: default/third waits for an address; all 3 addresses of 192.168.8.230-192.168.8.232 are taken",
    ]);
  });

  it("gives a waiting one an address as soon as the pool has another", async () => {
    const larger = kubeObject.parse(renderPool([...ADDRESSES, "192.168.8.240/32"]));
    await applyObjects(getCluster(), [larger]);
    assert.deepEqual(await getsOne(service("third")), ["192.168.8.240"]);
  });

  it("tells its figures to who has the account for that, and to nobody else", async () => {
    const nobody = await waitFor("its figures", () => ask(metrics));
    assert.equal(nobody.status, 401);
    const secret = z
      .object({ data: z.object({ token: z.string() }) })
      .parse(await getCluster().api.get(`/api/v1/namespaces/monitoring/secrets/${METRICS_READER}`));
    const token = Buffer.from(secret.data.token, "base64").toString("utf8");
    const { status, text } = await ask(metrics, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(status, 200);
    for (const name of [
      "metallb_allocator_addresses_in_use_total",
      "metallb_allocator_addresses_total",
      "metallb_k8s_client_config_stale_bool",
    ])
      assert.match(text, new RegExp(`^${name}\\b`, "m"));
  });
});
