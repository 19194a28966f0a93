import assert from "node:assert/strict";
import { waitFor } from "../rig/wait";
import { applyCrds } from "./crds";
import { conditionOf, type KubeObject } from "./kube-object";
import { addNodes } from "./nodes";
import {
  applyObjects,
  isObject,
  plannedNodes,
  plannedObjects,
  type PlannedObject,
} from "./plan-objects";
import { homelabPlan } from "./homelab-plan";
import { useCluster } from "./use-cluster";

/** What a pod needs to be taken under the Pod Security Standard "restricted". */
const RESTRICTED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

function pod(name: string, container: object): object {
  const containers = [
    { name, image: "registry.invalid/it", securityContext: RESTRICTED, ...container },
  ];
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers } };
}

describe("the stack's objects", () => {
  const getCluster = useCluster();
  const pods = "/api/v1/namespaces/jellyfin/pods";
  let planned: PlannedObject[];

  before(async () => {
    planned = await plannedObjects();
    await applyCrds(getCluster());
    await addNodes(getCluster(), plannedNodes());
  });

  const refusal = async (object: object): Promise<string> => {
    const { status, body } = await getCluster().api.send("POST", pods, object);
    assert.equal(status, 403);
    return JSON.stringify(body);
  };

  it("are those of the plan, and what its secrets add", async () => {
    const names = (await homelabPlan()).resources.filter(isObject).map(({ name }) => name);
    const applied = new Set(planned.map(({ resource }) => resource));
    assert.deepEqual(
      names.filter((name) => !applied.has(name)),
      [],
    );
    const added = [...applied].filter((name) => !names.includes(name)).sort();
    assert.deepEqual(added, [
      "monitoring-ipmi-config",
      "monitoring-scrapeconfig-ipmi-remote-hazel",
    ]);
  });

  it("are taken by the API server without an unknown field or a warning", async () => {
    const objects = planned.map(({ object }) => object);
    assert.deepEqual(await applyObjects(getCluster(), objects), []);
  });

  it("change nothing when they are applied again", async () => {
    const versions = async (): Promise<unknown[]> => {
      const all = await Promise.all(planned.map(({ object }) => getCluster().api.read(object)));
      return all.map(({ metadata }: KubeObject) => metadata.generation);
    };
    const before = await versions();
    await applyObjects(
      getCluster(),
      planned.map(({ object }) => object),
    );
    assert.deepEqual(await versions(), before);
  });

  it("bind the claims to the volumes that are theirs", async () => {
    for (const { object } of planned.filter(
      ({ object }) => object.kind === "PersistentVolumeClaim",
    ))
      await waitFor(`claim ${object.metadata.name} to be bound`, async () => {
        const { status } = await getCluster().api.read(object);
        return JSON.stringify(status).includes('"phase":"Bound"');
      });
  });

  it("become pods that Pod Security and the quota let in, on the machine that is theirs", async () => {
    const ready = await waitFor("Jellyfin's pod to be Ready", async () => {
      const object = await getCluster().api.get(`${pods}/jellyfin-0`);
      return conditionOf(object, "Ready") === "True" && JSON.stringify(object);
    });
    assert.match(ready, /"nodeName":"spruce"/);
    const found = await getCluster().api.list("/api/v1/namespaces/monitoring/pods");
    assert.deepEqual(
      found.map(({ spec }) => /"nodeName":"(\w+)"/.exec(JSON.stringify(spec))?.[1]),
      ["hazel"],
      "the local IPMI exporter",
    );
  });

  describe("in an app's namespace", () => {
    it("refuse a pod that asks for more than the quota has left", async () => {
      const resources = { requests: { cpu: "3" }, limits: { cpu: "3" } };
      assert.match(
        await refusal(pod("greedy", { resources })),
        /exceeded quota: jellyfin.*requests\.cpu=3/,
      );
    });

    it("give a container that says nothing of resources the defaults", async () => {
      const { body } = await getCluster().api.call("POST", pods, pod("modest", {}));
      assert.match(JSON.stringify(body), /"limits":{"cpu":"500m","memory":"256Mi"}/);
    });

    it("refuse a privileged pod", async () => {
      const privileged = pod("privileged", { securityContext: { privileged: true } });
      assert.match(await refusal(privileged), /violates PodSecurity/);
    });

    it("refuse the twenty-first pod", async () => {
      const resources = {
        requests: { cpu: "1m", memory: "1Mi" },
        limits: { cpu: "1m", memory: "1Mi" },
      };
      const have = (await getCluster().api.list(pods)).length;
      for (let i = have; i < 20; i++)
        await getCluster().api.call("POST", pods, pod(`pod-${i}`, { resources }));
      assert.match(await refusal(pod("one-too-many", { resources })), /exceeded quota.*pods=20/);
    });
  });
});
