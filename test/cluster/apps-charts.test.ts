import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { named } from "../support/mocks";
import { AppsLab } from "./apps-lab";
import { parseObjects } from "./crds";
import { applyObjects } from "./plan-objects";
import { makeStubbornChart } from "./stubborn-chart";
import type { TestCluster } from "./test-cluster";
import { useCluster } from "./use-cluster";

/** The charts themselves, one folder CHART each. */
const CHARTS = process.env.CHARTS_DIR ?? "";

const scaled = z.looseObject({ spec: z.looseObject({ replicas: z.number() }) });

/** What Helm makes of an app's release in the frame that the stack has prepared, and of its number of pods. */
describe("an app that comes by a chart", () => {
  const getCluster = useCluster();
  let cluster: TestCluster;
  let lab: AppsLab | undefined;

  before(async () => {
    cluster = getCluster();
    lab = await AppsLab.open(cluster);
    await applyObjects(cluster, lab.objects);
  });
  after(() => lab?.remove());

  const apps = (): AppsLab => {
    assert.ok(lab);
    return lab;
  };

  describe("Minecraft's chart", () => {
    const chart = path.join(CHARTS, "minecraft");
    const deployment = "/apis/apps/v1/namespaces/minecraft/deployments/minecraft";
    let values: string;

    before(function () {
      if (CHARTS === "" || !existsSync(path.join(chart, "Chart.yaml"))) {
        console.log("    pending: CHARTS_DIR names no folder with the chart minecraft");
        this.skip();
      }
      values = path.join(cluster.folder, "minecraft.json");
      const { inputs } = named(apps().graph, "apps-minecraft-release");
      writeFileSync(values, JSON.stringify(inputs.values));
    });

    const release = (verb: string, ...more: string[]) => {
      const { postrender } = named(apps().graph, "apps-minecraft-release").inputs;
      const own = ["-n", "minecraft", "-f", values, "--post-renderer", String(postrender)];
      return cluster.helm([verb, "minecraft", chart, ...own, ...more]);
    };

    it("is admitted without a warning, and its world binds it to its machine", async () => {
      const rendered = parseObjects((await release("template")).stdout);
      assert.deepEqual(
        (
          await Promise.all(rendered.map((each) => cluster.api.apply(each, { dryRun: true })))
        ).flat(),
        [],
      );
      await release("install");
      assert.equal((await apps().running("minecraft")).spec.nodeName, "hazel");
      assert.equal(scaled.parse(await cluster.api.get(deployment)).spec.replicas, 1);
    });

    it("is updated without more pods than the power layer left it", async () => {
      await cluster.api.merge(`${deployment}/scale`, { spec: { replicas: 0 } });
      await release("upgrade", "--set", "minecraftServer.motd=another");
      assert.equal(scaled.parse(await cluster.api.get(deployment)).spec.replicas, 0);
    });
  });

  describe("a chart that writes `replicas` whatever its values say", () => {
    const deployment = "/apis/apps/v1/namespaces/default/deployments/stubborn";
    let chart: string;

    before(() => {
      chart = makeStubbornChart(cluster, "stubborn", "1.0.0");
    });

    /** Upgrades it after its pods were scaled to 0, and returns how many there are to be then. */
    async function upgraded(note: string, ...more: string[]): Promise<number> {
      const values = ["--set", `note=${note}`, "--set", "replicaCount=null", ...more];
      await cluster.helm(["upgrade", "--install", "stubborn", chart, ...values]);
      await cluster.api.merge(`${deployment}/scale`, { spec: { replicas: 0 } });
      await cluster.helm(["upgrade", "stubborn", chart, ...values, "--set", `note=${note}-again`]);
      return scaled.parse(await cluster.api.get(deployment)).spec.replicas;
    }

    it("leaves them to the power layer by way of the post-renderer, and by no value", async () => {
      const { postrender } = named(apps().graph, "apps-minecraft-release").inputs;
      assert.equal(await upgraded("with", "--post-renderer", String(postrender)), 0);
      assert.equal(await upgraded("without"), 1);
    });
  });
});
