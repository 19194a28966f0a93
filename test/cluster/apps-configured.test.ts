import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import {
  CONFIGURED,
  withConfigured,
  type ConfiguredName,
} from "../support/fixtures/apps/configured/apps";
import { named, type Recorded } from "../support/mocks";
import { homelabSite } from "../support/site";
import { recordStack, SECRETS } from "../support/stack";
import { waitFor } from "../rig/wait";
import { applyCrds, parseObjects } from "./crds";
import type { KubeObject } from "./kube-object";
import { addNodes } from "./nodes";
import { applyObjects, objectsOf, plannedNodes } from "./plan-objects";
import type { TestCluster } from "./test-cluster";
import { requireTools, useCluster } from "./use-cluster";

const ROOT = path.join(__dirname, "../..");
const APPS: readonly ConfiguredName[] = ["board", "feed", "whoami"];

const claim = z.looseObject({
  spec: z.looseObject({ volumeName: z.string() }),
  status: z.looseObject({ phase: z.string() }),
});
const podList = z.array(
  z.looseObject({
    spec: z.looseObject({ nodeName: z.string().optional() }),
    status: z.looseObject({ phase: z.string() }),
  }),
);

/** An app of each kind from a stack's file alone, where a real API server judges it. */
describe("apps from the configuration", () => {
  const getCluster = useCluster();
  let cluster: TestCluster;
  let graph: readonly Recorded[];

  before(async function () {
    requireTools(this, ["helm"]);
    cluster = getCluster();
    await applyCrds(cluster);
    await addNodes(cluster, plannedNodes());
    graph = await recordStack(homelabSite(...withConfigured), { ...SECRETS, feedToken: "x" });
  });

  /** What is there before the app, and what the frame makes of it. */
  function objectsOfApp(app: string): KubeObject[] {
    const ours = new RegExp(`^(apps-storage|apps-${app}-|network-${app}(-|$))`);
    return objectsOf(graph)
      .filter(({ resource }) => ours.test(resource))
      .map(({ object }) => object);
  }

  /** What Kustomize makes of the folder, as kustomize.v2.Directory does. */
  async function folderOf(app: ConfiguredName): Promise<KubeObject[]> {
    if (CONFIGURED[app].kind !== "kustomize") return [];
    const overlay = path.join(ROOT, ".vmstation", "kustomize", app);
    return parseObjects((await cluster.kubectl(["kustomize", overlay])).stdout);
  }

  /** What Helm makes of the chart, through the program that the release names. */
  async function release(app: ConfiguredName, verb: "install" | "upgrade"): Promise<void> {
    if (CONFIGURED[app].kind !== "chart") return;
    const { chart, values, postrender } = named(graph, `apps-${app}-release`).inputs;
    const file = path.join(cluster.folder, `${app}.json`);
    writeFileSync(file, JSON.stringify(values));
    const from = ["-n", app, "-f", file, "--post-renderer", path.join(ROOT, String(postrender))];
    await cluster.helm([verb, app, path.join(ROOT, String(chart)), ...from]);
  }

  async function install(app: ConfiguredName): Promise<void> {
    const made = [...objectsOfApp(app), ...(await folderOf(app))];
    assert.deepEqual(await applyObjects(cluster, made), []);
    await release(app, "install");
  }

  const running = (app: string) =>
    waitFor(`a pod of ${app} to run`, async () => {
      const pods = podList.parse(await cluster.api.list(`/api/v1/namespaces/${app}/pods`));
      const [pod, ...others] = pods;
      return pod?.status.phase === "Running" && others.length === 0 && pod;
    });

  const claimOf = (app: string) => `/api/v1/namespaces/${app}/persistentvolumeclaims/data`;
  const bound = (app: string) =>
    waitFor(`the claim of ${app} to be bound`, async () => {
      const found = claim.safeParse(await cluster.api.get(claimOf(app)));
      return found.data?.status.phase === "Bound" && found.data;
    });

  for (const app of APPS) {
    it(`of kind ${CONFIGURED[app].kind} are admitted without a warning, and run where their data is`, async () => {
      await install(app);
      assert.equal((await running(app)).spec.nodeName, "hazel");
      assert.equal((await bound(app)).spec.volumeName, `${app}-data`);
    });
  }

  it("leave the number of pods to the power layer, also where a chart writes it", async () => {
    const scale = "/apis/apps/v1/namespaces/whoami/deployments/whoami";
    await cluster.api.merge(`${scale}/scale`, { spec: { replicas: 0 } });
    await release("whoami", "upgrade");
    const scaled = z.looseObject({ spec: z.looseObject({ replicas: z.number() }) });
    assert.equal(scaled.parse(await cluster.api.get(scale)).spec.replicas, 0);
    await cluster.api.merge(`${scale}/scale`, { spec: { replicas: 1 } });
    await running("whoami");
  });

  for (const app of APPS) {
    it(`of kind ${CONFIGURED[app].kind} go, and come back to their volume`, async () => {
      if (CONFIGURED[app].kind === "chart") await cluster.helm(["uninstall", app, "-n", app]);
      const gone = objectsOfApp(app).filter(({ kind }) => kind !== "StorageClass");
      const all = await Promise.all(
        [...gone, ...(await folderOf(app))].map((object) => cluster.api.pathOf(object)),
      );
      for (const each of all.reverse()) {
        const { status } = await cluster.api.send("DELETE", each);
        assert.ok(status < 400 || status === 404, `${each}: ${status}`);
      }
      for (const each of [`/api/v1/namespaces/${app}`, `/api/v1/persistentvolumes/${app}-data`]) {
        await waitFor(`${each} to be gone`, async () => {
          return (await cluster.api.send("GET", each)).status === 404;
        });
      }
      await install(app);
      assert.equal((await bound(app)).spec.volumeName, `${app}-data`);
      const volume = await cluster.api.get(`/api/v1/persistentvolumes/${app}-data`);
      assert.match(JSON.stringify(volume), new RegExp(`"path":"/var/lib/${app}"`));
      assert.equal((await running(app)).spec.nodeName, "hazel");
    });
  }
});
