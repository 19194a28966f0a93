import assert from "node:assert/strict";
import type { Change } from "../support/homelab";
import { homelabSite } from "../support/site";
import { recordStack } from "../support/stack";
import { type Access, isAllowed, userOf } from "./access";
import { waitFor } from "../rig/wait";
import { LOAD_BALANCER } from "../unit/platform/sites";
import { applyCrds, GITOPS_GROUPS } from "./crds";
import { conditionOf, type KubeObject } from "./kube-object";
import { addNodes } from "./nodes";
import { applyObjects, objectsOf, plannedNodes } from "./plan-objects";
import { useCluster } from "./use-cluster";

const KEY = [
  "-----BEGIN OPENSSH PRIVATE KEY-----",
  "b3BlbnNzaC1rZXktdjEAbm9uZXMzY3JldA==",
  "-----END OPENSSH PRIVATE KEY-----",
].join("\n");
const GITOPS: Change = [
  ["gitops"],
  {
    machine: "maple",
    repository: "git@git.example.org:me/home.git",
    deployKeySecret: "gitopsKey",
    namespaces: ["mqtt"],
    apps: { jellyfin: "handed-over" },
  },
];

/** The apps that hold, or show, what others may not see; each on the machine that never sleeps. */
const APPS: readonly Change[] = [
  [
    ["platform"],
    {
      ...{ domain: "rowan.se", internalDomain: "int.rowan.se" },
      ...{ loadBalancer: LOAD_BALANCER, ingress: { address: "192.168.8.230" } },
    },
  ],
  [
    ["apps", "vaultwarden"],
    { machine: "maple", host: "passwords", adminTokenSecret: "vaultwardenAdmin" },
  ],
  [["apps", "vault"], { machine: "maple", host: "vault", engine: "vault" }],
  [["apps", "homepage"], { machine: "maple", host: "home" }],
];
const SECRETS = {
  gitopsKey: KEY,
  vaultSnapshotToken: "s.token",
  vaultwardenAdmin: `$argon2id$v=19$m=65540,t=3,p=4$${"bXlzYWx0".repeat(3)}$${"aGFzaGhhc2g".repeat(3)}`,
};

/** What the plan makes, of names that fit. */
async function plan(changes: readonly Change[], ours: RegExp): Promise<KubeObject[]> {
  const graph = await recordStack(homelabSite(...changes), SECRETS);
  return objectsOf(graph)
    .filter(({ resource }) => ours.test(resource))
    .map(({ object }) => object);
}

/** Who fills the namespaces, and who shows them to people. */
const controller = userOf("argocd", "argocd-application-controller");
const page = userOf("argocd", "argocd-server");

const edit = (namespace: string, more: Partial<Access> = {}): Access => ({
  ...{ verb: "create", group: "apps", resource: "deployments", namespace },
  ...more,
});

describe("Argo CD's objects, and those of the apps that others may not see", () => {
  const getCluster = useCluster();
  let objects: readonly KubeObject[];

  before(async () => {
    objects = await plan([GITOPS], /^(gitops-|network-(argocd|mqtt|jellyfin)(-|$))/);
    await applyCrds(getCluster(), ...GITOPS_GROUPS);
    await addNodes(getCluster(), plannedNodes());
  });

  it("are taken without a warning, the root Application among them", async () => {
    assert.deepEqual(await applyObjects(getCluster(), objects), []);
    const root = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/root";
    assert.match(JSON.stringify(await getCluster().api.get(root)), /"project":"root"/);
    const projects = "/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects";
    assert.equal((await getCluster().api.list(projects)).length, 3);
  });

  it("let it fill its namespaces, and what was handed over", async () => {
    for (const namespace of ["mqtt", "jellyfin"])
      assert.ok(await isAllowed(getCluster(), controller, edit(namespace)), namespace);
    const logs = { verb: "get", resource: "pods", subresource: "log", namespace: "mqtt" };
    assert.ok(await isAllowed(getCluster(), page, logs));
  });

  it("let it touch nothing that the stack owns, and nothing that is in no namespace", async () => {
    for (const namespace of ["monitoring", "minecraft", "kube-system", "default"])
      for (const verb of ["create", "delete", "get"])
        assert.ok(
          !(await isAllowed(getCluster(), controller, edit(namespace, { verb }))),
          `${verb} in ${namespace}`,
        );
    const wide: Access[] = [
      { verb: "create", resource: "namespaces" },
      { verb: "create", group: "rbac.authorization.k8s.io", resource: "clusterrolebindings" },
      { verb: "create", group: "apiextensions.k8s.io", resource: "customresourcedefinitions" },
      { verb: "list", resource: "secrets" },
    ];
    for (const each of wide)
      assert.ok(!(await isAllowed(getCluster(), controller, each)), JSON.stringify(each));
    assert.ok(!(await isAllowed(getCluster(), page, edit("mqtt"))));
  });

  it("run Vaultwarden, the store of secrets and Homepage within Pod Security and their quota", async () => {
    const names = ["vaultwarden", "vault", "homepage"];
    const ours = new RegExp(`^(apps-storage-|(apps|network)-(${names.join("|")})(-|$))`);
    const objects = await plan(APPS, ours);
    assert.ok(objects.length > 30, String(objects.length));
    assert.deepEqual(await applyObjects(getCluster(), objects), []);
    for (const namespace of names) {
      const pod = await waitFor(`a pod of ${namespace}`, async () => {
        const found = (await getCluster().api.list(`/api/v1/namespaces/${namespace}/pods`)).at(0);
        return found && conditionOf(found, "Ready") === "True" && JSON.stringify(found);
      });
      assert.match(pod, /"nodeName":"maple"/);
    }
    const jobs = "/apis/batch/v1/namespaces/vault/cronjobs/vault-snapshots";
    assert.match(JSON.stringify(await getCluster().api.get(jobs)), /"schedule":"15 2 \* \* \*"/);
  });

  it("make a snapshot's pod within Pod Security", async () => {
    await getCluster().kubectl([
      ...["-n", "vault", "create", "job", "now", "--from=cronjob/vault-snapshots"],
    ]);
    await waitFor("its pod", async () => {
      const pods = await getCluster().api.list("/api/v1/namespaces/vault/pods");
      return JSON.stringify(pods).includes('"name":"now-');
    });
  });
});
