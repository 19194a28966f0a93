import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { appCharts } from "../../components/versions";
import type { EngineLab } from "../engine/engine-lab";
import { openLab } from "../engine/use-engine";
import { makeStubbornChart, serveChart } from "./stubborn-chart";
import type { TestCluster } from "./test-cluster";
import { useCluster } from "./use-cluster";

const PROGRAM = "test/support/fixtures/apps/program.ts";
const CONFIG = path.join(__dirname, "../rig/Pulumi.rig.yaml");
const deployments = "/apis/apps/v1/namespaces";

const deployment = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  spec: z.looseObject({
    replicas: z.number(),
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({ nodeSelector: z.record(z.string(), z.string()).optional() }),
    }),
  }),
});
const configMap = z.looseObject({ data: z.record(z.string(), z.string()) });

/** How the engine and its Kubernetes provider treat what is no plain object: a folder and a chart. */
describe("the apps in the engine's hands", () => {
  const getCluster = useCluster();
  let cluster: TestCluster;
  let lab: EngineLab | undefined;
  let settings: string;
  let stop = (): void => undefined;

  const engine = (): EngineLab => {
    assert.ok(lab);
    return lab;
  };
  const get = async (app: string) =>
    deployment.parse(await cluster.api.get(`${deployments}/${app}/deployments/${app}`));

  function set(changes: Record<string, string>): void {
    const before: unknown = JSON.parse(readFileSync(settings, "utf8"));
    writeFileSync(settings, JSON.stringify({ ...Object(before), ...changes }));
  }

  before(async function () {
    cluster = getCluster();
    settings = path.join(cluster.folder, "apps.json");
    lab = await openLab(this, {
      ...{ stack: "rig", configFile: CONFIG, program: PROGRAM },
      env: { VMSTATION_TEST_APPS: settings },
    });
    const { chart, version } = appCharts.minecraft;
    const repository = await serveChart(cluster, makeStubbornChart(cluster, chart, version));
    stop = repository.close;
    writeFileSync(settings, "{}");
    const kubeconfig = readFileSync(cluster.kubeconfig, "utf8");
    set({ kubeconfig, repository: repository.url, greeting: "good morning", motd: "first" });
  });
  after(() => {
    stop();
    lab?.remove();
  });

  it("come up from a Kustomize folder and from a chart, and a second update changes nothing", async () => {
    const first = await engine().up();
    assert.ok(first.ok, first.output);
    const { spec } = await get("pages");
    assert.deepEqual(spec.template.spec.nodeSelector, { "kubernetes.io/hostname": "hazel" });
    assert.equal(spec.template.metadata.labels["vmstation.io/sleeps-with"], "hazel");
    // The folder says 2: the overlay has taken that out, and Kubernetes' own default is 1.
    assert.equal(spec.replicas, 1);
    const second = await engine().up({ expectNoChanges: true });
    assert.ok(second.ok, second.output);
  });

  it("change with the configuration while they are switched off, and stay at 0 pods", async () => {
    for (const app of ["pages", "minecraft"]) {
      const scale = `${deployments}/${app}/deployments/${app}/scale`;
      await cluster.api.merge(scale, { spec: { replicas: 0 } });
    }
    set({ greeting: "good evening", motd: "second" });
    const update = await engine().up();
    assert.ok(update.ok, update.output);
    assert.deepEqual(
      update.names("update", "replace").filter((name) => name.startsWith("apps-")),
      ["apps-minecraft-release", "apps-pages:pages/pages"],
    );
    const page = await cluster.api.get("/api/v1/namespaces/pages/configmaps/pages");
    assert.equal(configMap.parse(page).data["index.html"], "<p>good evening</p>\n");
    assert.deepEqual(
      [(await get("pages")).spec.replicas, (await get("minecraft")).spec.replicas],
      [0, 0],
    );
  });

  it("go altogether when the stack does", async () => {
    const gone = await engine().destroy();
    assert.ok(gone.ok, gone.output);
    for (const app of ["pages", "minecraft"]) {
      assert.equal((await cluster.api.send("GET", `/api/v1/namespaces/${app}`)).status, 404);
    }
  });
});
