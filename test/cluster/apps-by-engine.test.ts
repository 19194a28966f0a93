import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { APPS, type AppName, ConfiguredApps, type Handover } from "../engine/configured-apps";
import type { EngineLab, Update, UpdateOptions } from "../engine/engine-lab";
import { openLab } from "../engine/use-engine";
import { waitFor } from "../rig/wait";
import { applyCrds } from "./crds";
import type { KubeObject } from "./kube-object";
import { addNodes } from "./nodes";
import { changeByGit, forgetOthers } from "./handed-over";
import { plannedNodes } from "./plan-objects";
import type { TestCluster } from "./test-cluster";
import { useCluster } from "./use-cluster";

const PROGRAM = "test/support/fixtures/apps/configured-program.ts";
const CONFIG = path.join(__dirname, "../rig/Pulumi.rig.yaml");

/** The chart on the one that is always on, where Helm waits for its pods. */
const MACHINES = { board: "hazel", feed: "hazel", whoami: "maple" } as const;

const deployment = z.looseObject({
  metadata: z.looseObject({ uid: z.string(), generation: z.number() }),
  spec: z.looseObject({ replicas: z.number() }),
});
const object = z.looseObject({ metadata: z.looseObject({ uid: z.string() }) });
const configMap = z.looseObject({ data: z.record(z.string(), z.string()) });

const KEPT = {
  ...{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "kept" } },
  ...{ provisioner: "kubernetes.io/no-provisioner", reclaimPolicy: "Retain" },
};

/** What the class would make for an app's claim. */
function renderVolume(app: AppName): KubeObject {
  return {
    ...{ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: app } },
    spec: {
      ...{ storageClassName: "kept", capacity: { storage: "10Gi" } },
      ...{ accessModes: ["ReadWriteOnce"], persistentVolumeReclaimPolicy: "Retain" },
      claimRef: { namespace: app, name: "data" },
      hostPath: { path: `/var/lib/${app}` },
    },
  };
}

// Each test goes on from what the one before has left, as an owner does.
describe("apps from the stack's file, in the engine's hands", function () {
  this.bail(true);
  // Several updates each.
  this.timeout(600_000);
  const getCluster = useCluster();
  let cluster: TestCluster;
  let lab: EngineLab | undefined;
  let apps: ConfiguredApps | undefined;
  let file: string;

  const engine = (): EngineLab => {
    assert.ok(lab);
    return lab;
  };
  const ours = (): ConfiguredApps => {
    assert.ok(apps);
    return apps;
  };
  const up = async (options: UpdateOptions = {}): Promise<Update> => {
    const update = await engine().up(options);
    assert.ok(update.ok, update.output);
    return update;
  };
  const changed = (update: Update): string[] =>
    update
      .names("create", "update", "delete", "replace")
      .filter((name) => name.startsWith("apps-"));
  const pathOf = (app: AppName): string => `/apis/apps/v1/namespaces/${app}/deployments/${app}`;
  const get = async (app: AppName) => deployment.parse(await cluster.api.get(pathOf(app)));

  /** Tells the program, which has no stack's file here. */
  function tell(key: string, value: unknown): void {
    const before: unknown = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...Object(before), [key]: value }));
  }

  /** Hands all over to Git, or takes them back; undefined: Git has nothing of theirs. */
  function handOver(step: Handover | undefined): void {
    const gitops = {
      ...{ machine: "maple", repository: "https://git.example.org/me/home.git" },
      namespaces: ["mqtt"],
      apps: step === undefined ? {} : Object.fromEntries(APPS.map((name) => [name, step])),
    };
    tell("gitops", gitops);
    engine().set(`gitops=${JSON.stringify(gitops)}`);
  }

  /** What the cluster knows each app's objects by: other ones of the same names would differ. */
  async function identify(): Promise<Record<string, string>> {
    const paths = APPS.flatMap((app) => [pathOf(app), `/api/v1/namespaces/${app}/services/${app}`]);
    paths.push("/api/v1/namespaces/feed/configmaps/feed", "/api/v1/namespaces/feed/secrets/feed");
    const found = paths.map(async (each) => {
      return [each, object.parse(await cluster.api.get(each)).metadata.uid] as const;
    });
    return Object.fromEntries(await Promise.all(found));
  }

  const refresh = async (): Promise<string | undefined> =>
    configMap.parse(await cluster.api.get("/api/v1/namespaces/feed/configmaps/feed")).data.refresh;

  const running = (app: AppName): Promise<void> =>
    waitFor(`a pod of ${app} on ${MACHINES[app]}`, async () => {
      const pods = JSON.stringify(await cluster.api.list(`/api/v1/namespaces/${app}/pods`));
      return pods.includes(`"nodeName":"${MACHINES[app]}"`) && pods.includes('"phase":"Running"');
    }).then(() => undefined);

  before(async function () {
    cluster = getCluster();
    file = path.join(cluster.folder, "configured.json");
    const env = { VMSTATION_TEST_APPS: file };
    lab = await openLab(this, { stack: "rig", configFile: CONFIG, program: PROGRAM, env });
    writeFileSync(file, JSON.stringify({ kubeconfig: readFileSync(cluster.kubeconfig, "utf8") }));
    const set = (...settings: readonly string[]): void => {
      for (const setting of settings.filter((each) => each.startsWith("apps=")))
        tell("apps", JSON.parse(setting.slice("apps=".length)));
    };
    apps = new ConfiguredApps({ folder: lab.folder, machines: MACHINES, set });
    handOver(undefined);
    await applyCrds(cluster);
    await addNodes(cluster, plannedNodes());
    await cluster.api.apply(KEPT);
    for (const app of APPS) await cluster.api.apply(renderVolume(app));
  });
  after(() => {
    apps?.remove();
    lab?.remove();
  });

  it("come up, one of each kind, on their machines", async () => {
    await up();
    for (const app of APPS) {
      await running(app);
      assert.equal((await get(app)).spec.replicas, 1);
    }
    const service = await cluster.api.get("/api/v1/namespaces/whoami/services/whoami");
    assert.match(JSON.stringify(service), /"nodePort":30083/);
  });

  it("are not changed by a second update, nor is a change announced", async () => {
    await up({ expectNoChanges: true });
    const preview = await engine().preview({ expectNoChanges: true });
    assert.ok(preview.ok, preview.output);
  });

  it("change by what belongs to them alone, and stay at 0 pods while they are switched off", async () => {
    for (const app of ["feed", "board"] as const)
      await cluster.api.merge(`${pathOf(app)}/scale`, { spec: { replicas: 0 } });
    ours().edit("feed.yaml", "15m", "30m");
    ours().edit("board/board.yaml", '"8080", -h', '"8080", -v, -h');
    ours().greet("good evening");
    assert.deepEqual(changed(await up()), [
      "apps-board:board/board",
      "apps-feed-configmap-feed",
      "apps-whoami-release",
    ]);
    assert.equal(await refresh(), "30m");
    assert.match(JSON.stringify(await get("board")), /"-v"/);
    assert.match(JSON.stringify(await get("whoami")), /"good evening"/);
    const counts = await Promise.all(APPS.map(async (app) => (await get(app)).spec.replicas));
    assert.deepEqual(counts, [0, 0, 1]);
    for (const app of ["feed", "board"] as const)
      await cluster.api.merge(`${pathOf(app)}/scale`, { spec: { replicas: 1 } });
    await up({ expectNoChanges: true });
  });

  it("are converged but for the one that the cluster refuses, which the next update mends", async () => {
    ours().edit("feed.yaml", "containerPort: 8080", "containerPort: 80800");
    ours().greet("good night");
    const update = await engine().up();
    assert.equal(update.ok, false);
    assert.deepEqual(update.failed, ["apps-feed-deployment-feed"], update.output);
    assert.match(JSON.stringify(await get("whoami")), /"good night"/);
    await running("feed");
    ours().edit("feed.yaml", "containerPort: 80800", "containerPort: 8080");
    await up();
    await up({ expectNoChanges: true });
  });

  it("are not handed over to Git before an update has prepared them", async () => {
    const before = await identify();
    handOver("handed-over");
    for (const words of [["preview"], ["up", "--yes", "--skip-preview"]] as const) {
      const { code, output } = await engine().verb(words);
      assert.equal(code, 2, output);
      assert.match(output, /gitops\.apps\.feed is handed-over.*apps-feed-/);
      assert.match(output, /gitops\.apps\.board is handed-over.*apps-board:board\/board/);
      assert.match(output, /gitops\.apps\.whoami is handed-over.*apps-whoami-release/);
    }
    assert.deepEqual(await identify(), before);
  });

  it("are handed over and stay as they are, pods and all", async () => {
    const before = await identify();
    const generations = await Promise.all(APPS.map(async (app) => (await get(app)).metadata));
    handOver("prepared");
    assert.deepEqual(changed(await up()), []);
    handOver("handed-over");
    const { code, output } = await engine().verb(["preview"]);
    assert.equal(code, 0, output);
    await up();
    assert.deepEqual(await identify(), before);
    assert.deepEqual(
      await Promise.all(APPS.map(async (app) => (await get(app)).metadata.generation)),
      generations.map(({ generation }) => generation),
    );
    const left = [...(await engine().dependencies()).keys()].filter((urn) => {
      return /::apps-(feed-deployment|board:|whoami-release)/.test(urn);
    });
    assert.deepEqual(left, []);
    for (const app of APPS) await running(app);
    await up({ expectNoChanges: true });
  });

  it("come back to the program as the same objects, but for what Git has made another of", async () => {
    const before = await identify();
    await changeByGit(cluster, "1h");
    await cluster.kubectl(["-n", "whoami", "delete", "secret", "-l", "owner=helm"]);
    handOver("taken-back");
    const refused = await engine().up();
    assert.deepEqual(refused.failed, ["apps-feed-configmap-feed"], refused.output);
    assert.match(refused.output, /conflict with "argocd-controller"[^]*\.data\.refresh/);
    assert.equal(await refresh(), "1h");
    await changeByGit(cluster, "30m");
    await up();
    assert.deepEqual(await identify(), before);
    await forgetOthers(cluster, engine());
    handOver(undefined);
    await up();
    assert.deepEqual(await identify(), before);
    await up({ expectNoChanges: true });
  });

  it("are changed by the program again, as the preview says", async () => {
    for (const [last, next] of [
      ["30m", "45m"],
      ["45m", "50m"],
    ] as const) {
      ours().edit("feed.yaml", last, next);
      ours().greet(`good day ${next}`);
      const preview = await engine().preview();
      assert.ok(preview.ok, preview.output);
      await up();
      assert.equal(await refresh(), next);
    }
    ours().edit("board/board.yaml", '"8080", -v', '"8080", -vv');
    const preview = await engine().preview();
    assert.ok(preview.ok, preview.output);
    await up();
    assert.match(JSON.stringify(await get("board")), /"-vv"/);
    assert.match(JSON.stringify(await get("whoami")), /"good day 50m"/);
  });

  it("go, and come back to the volumes that they had", async () => {
    ours().name("whoami");
    const gone = await up();
    for (const name of ["apps-feed-deployment-feed", "apps-board:board/board", "network-feed"])
      assert.ok(gone.names("delete").includes(name), gone.output);
    assert.ok(!gone.names("delete").some((name) => name.includes("whoami")));
    for (const app of ["feed", "board"] as const) {
      assert.equal((await cluster.api.send("GET", `/api/v1/namespaces/${app}`)).status, 404);
      // As the class' provisioner finds the folder of a claim that is back.
      const claimRef = { uid: null, resourceVersion: null };
      await cluster.api.merge(`/api/v1/persistentvolumes/${app}`, { spec: { claimRef } });
    }
    ours().name(...APPS);
    await up();
    for (const app of APPS) await running(app);
    await up({ expectNoChanges: true });
  });
});
