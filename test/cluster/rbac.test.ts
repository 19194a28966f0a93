import assert from "node:assert/strict";
import { z } from "zod";
import { isAllowed, listRights, userOf, type Access } from "./access";
import { applyCrds } from "./crds";
import { applyObjects, plannedObjects } from "./plan-objects";
import { useCluster } from "./use-cluster";
import type { KubeObject } from "./kube-object";
import { ACCOUNTS } from "../unit/monitoring/pods";

const POWER = userOf("kube-system", "vmstation-power");
const OPERATOR = userOf("monitoring", ACCOUNTS.operator);
const PROMETHEUS = userOf("monitoring", ACCOUNTS.prometheus);

const isWrite = (right: string): boolean => !/^(get|list|watch) /.test(right);

describe("rights in the cluster", () => {
  const getCluster = useCluster();
  let objects: KubeObject[];

  before(async () => {
    await applyCrds(getCluster());
    objects = (await plannedObjects()).map(({ object }) => object);
    await applyObjects(getCluster(), objects);
  });

  async function assertAllowed(
    user: string,
    expected: boolean,
    list: readonly Access[],
  ): Promise<void> {
    for (const access of list)
      assert.equal(await isAllowed(getCluster(), user, access), expected, JSON.stringify(access));
  }

  it("are none for the pods that we define ourselves: they get no token", () => {
    const template = z.object({
      spec: z.object({
        template: z.object({ spec: z.object({ automountServiceAccountToken: z.literal(false) }) }),
      }),
    });
    const workloads = objects.filter(({ kind }) =>
      ["DaemonSet", "StatefulSet", "Deployment"].includes(kind),
    );
    assert.ok(workloads.length >= 2);
    for (const workload of workloads) template.parse(workload);
  });

  describe("of the power controller", () => {
    it("are to write this, and nothing else anywhere", async () => {
      const cluster = ["patch nodes hazel spruce"];
      const app = [
        "patch apps/statefulsets/scale jellyfin",
        "update apps/statefulsets/scale jellyfin",
      ];
      for (const namespace of ["kube-system", "monitoring", "default"]) {
        const rights = await listRights(getCluster(), POWER, namespace);
        assert.deepEqual(rights.filter(isWrite), cluster, namespace);
      }
      const rights = await listRights(getCluster(), POWER, "jellyfin");
      assert.deepEqual(rights.filter(isWrite), [...cluster, ...app].sort());
    });

    it("cover what its decisions rest on", async () => {
      await assertAllowed(POWER, true, [
        { verb: "list", resource: "nodes" },
        { verb: "list", resource: "pods" },
        { verb: "patch", resource: "nodes", name: "hazel" },
        {
          verb: "get",
          group: "coordination.k8s.io",
          resource: "leases",
          name: "hazel",
          namespace: "kube-node-lease",
        },
        { verb: "get", resource: "services", name: "jellyfin", namespace: "jellyfin" },
      ]);
    });

    it("leave the control plane, Secrets and other people's pods alone", async () => {
      await assertAllowed(POWER, false, [
        { verb: "patch", resource: "nodes", name: "maple" },
        { verb: "delete", resource: "nodes", name: "hazel" },
        { verb: "delete", resource: "pods", namespace: "jellyfin" },
        { verb: "create", resource: "pods", subresource: "exec", namespace: "jellyfin" },
        { verb: "get", resource: "secrets", namespace: "kube-system" },
        {
          verb: "get",
          resource: "secrets",
          name: "vmstation-power-token",
          namespace: "kube-system",
        },
        {
          verb: "create",
          resource: "serviceaccounts",
          subresource: "token",
          namespace: "kube-system",
        },
        {
          verb: "patch",
          group: "apps",
          resource: "statefulsets",
          subresource: "scale",
          namespace: "monitoring",
        },
        { verb: "update", group: "rbac.authorization.k8s.io", resource: "clusterroles" },
      ]);
    });
  });

  describe("of the Prometheus operator", () => {
    it("reach Secrets in its own namespace only", async () => {
      const secrets = { resource: "secrets" };
      await assertAllowed(OPERATOR, true, [{ verb: "list", ...secrets, namespace: "monitoring" }]);
      await assertAllowed(OPERATOR, false, [
        { verb: "list", ...secrets },
        { verb: "get", ...secrets, namespace: "kube-system" },
        { verb: "get", ...secrets, namespace: "jellyfin" },
        { verb: "create", ...secrets, namespace: "default" },
      ]);
    });

    it("are to write events elsewhere, and the list of kubelets in kube-system", async () => {
      const events = [
        "create events",
        "create events.k8s.io/events",
        "patch events",
        "patch events.k8s.io/events",
      ];
      const elsewhere = await listRights(getCluster(), OPERATOR, "jellyfin");
      assert.deepEqual(elsewhere.filter(isWrite), events);
      const rights = await listRights(getCluster(), OPERATOR, "kube-system");
      const slices = "discovery.k8s.io/endpointslices";
      assert.deepEqual(
        rights.filter(isWrite),
        [
          ...events,
          ...["create", "update", "delete"].map((verb) => `${verb} ${slices}`),
          "create services",
          "update services",
        ].sort(),
      );
    });
  });

  describe("of Prometheus", () => {
    it("are to read, everywhere the same, and never Secrets or ConfigMaps", async () => {
      const kinds = ["discovery.k8s.io/endpointslices", "nodes", "pods", "services"];
      const expected = [
        "get nodes/metrics",
        ...["get", "list", "watch"].flatMap((verb) => kinds.map((kind) => `${verb} ${kind}`)),
      ].sort();
      for (const namespace of ["monitoring", "kube-system", "jellyfin"])
        assert.deepEqual(
          await listRights(getCluster(), PROMETHEUS, namespace),
          expected,
          namespace,
        );
    });
  });
});
