import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { waitFor } from "../rig/wait";
import { toolPath } from "./tools";
import { useCluster } from "./use-cluster";

const FOLDER = path.join(__dirname, "../../components/bootstrap/files");
const RESOURCE = "hostendpoints.v3.projectcalico.org";

/** An API server behind the cluster's, as Calico brings it: here without anything that answers. */
const REGISTRATION = {
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: "v3.projectcalico.org" },
  spec: {
    ...{ group: "projectcalico.org", version: "v3" },
    ...{ groupPriorityMinimum: 1500, versionPriority: 200, insecureSkipTLSVerify: true },
    service: { name: "calico-api", namespace: "default", port: 443 },
  },
};

const DEFINITION = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: "hostendpoints.projectcalico.org",
    annotations: { "api-approved.kubernetes.io": "unapproved, for a test" },
  },
  spec: {
    group: "projectcalico.org",
    scope: "Cluster",
    names: { plural: "hostendpoints", singular: "hostendpoint", kind: "HostEndpoint" },
    versions: [
      {
        ...{ name: "v3", served: true, storage: true },
        schema: { openAPIV3Schema: { type: "object" } },
      },
    ],
  },
};

describe("the wait for an add-on's own API server", () => {
  const getCluster = useCluster();

  /** What stands against the cluster's being ready, as the machine's own program says it. */
  function problems(): string {
    const text = [
      "import sys, verify",
      `print("\\n".join(verify.resource_problems(verify.Kubectl(*sys.argv[1:3]), sys.argv[3:])))`,
    ].join("\n");
    const { folder, kubeconfig } = getCluster();
    const words = ["-B", "-c", text, toolPath("kubectl"), kubeconfig, RESOURCE];
    const env = { PATH: process.env.PATH, HOME: folder, PYTHONPATH: FOLDER };
    const ran = spawnSync("python3", words, { encoding: "utf8", env });
    assert.equal(ran.status, 0, ran.stderr);
    return ran.stdout.trim();
  }

  const becomes = (pattern: RegExp): Promise<unknown> =>
    waitFor(String(pattern), () => Promise.resolve(pattern.test(problems())), 60_000);

  it("goes on while nobody has heard of it", () => {
    assert.match(problems(), /does not serve hostendpoints\S+ yet: .*doesn't have a resource type/);
  });

  it("goes on while it is registered and does not answer, and says why", async () => {
    await getCluster().api.apply(REGISTRATION);
    await becomes(/does not serve .*\(.*calico-api.*\)$/s);
  });

  it("ends once the resource is served", async () => {
    await getCluster().kubectl(["delete", "apiservice", "v3.projectcalico.org"]);
    await getCluster().api.apply(DEFINITION);
    await becomes(/^$/);
  });
});
