import assert from "node:assert/strict";
import path from "node:path";
import { z } from "zod";
import { run } from "../rig/command";
import type { Recorded } from "../support/mocks";
import { homelabSite } from "../support/site";
import { recordStack } from "../support/stack";
import { waitFor } from "../rig/wait";
import { listRights, userOf } from "./access";
import { ChartRepository, readChart } from "./charts";
import { applyCrds } from "./crds";
import { write } from "./credentials";
import { conditionOf } from "./kube-object";
import { addNodes } from "./nodes";
import { inOrder, isObject, plannedNodes, toObject } from "./plan-objects";
import { installRelease, isRelease, parseRelease } from "./releases";
import { requireTools, useCluster } from "./use-cluster";

/** The charts themselves, one folder CHART each, their own charts/ filled. */
const CHARTS = process.env.CHARTS_DIR ?? "";
const NAMESPACE = "monitoring";

const lokiConfig = z.object({ data: z.object({ "config.yaml": z.string() }) });

describe("the stack with the real charts", function () {
  this.timeout(300_000);
  const getCluster = useCluster();
  const core = `/api/v1/namespaces/${NAMESPACE}`;
  let repository: ChartRepository | undefined;
  let stack: Recorded[];

  before(async function () {
    requireTools(this, ["helm"]);
    repository = await ChartRepository.open(getCluster());
    stack = inOrder(
      await recordStack(
        homelabSite(
          [["monitoring", "charts", "repository"], repository.url],
          [["monitoring", "charts", "timeout"], "2m"],
        ),
      ),
    ).filter((resource) => isObject(resource) || isRelease(resource));
    for (const { chart, version } of stack.filter(isRelease).map(parseRelease)) {
      const found = readChart(path.join(CHARTS, chart));
      if (CHARTS === "" || found?.version !== version) {
        console.log(`    pending: CHARTS_DIR names no folder with ${chart} ${version}`);
        this.skip();
      }
    }
    await addNodes(getCluster(), plannedNodes());
    await applyCrds(getCluster());
  });

  after(() => {
    repository?.close();
  });

  it("comes up in the order of its graph, with no warning of the API server but a chart's own", async () => {
    const warnings: string[] = [];
    for (const resource of stack) {
      if (isObject(resource)) {
        warnings.push(...(await getCluster().api.apply(toObject(resource))));
        continue;
      }
      const release = parseRelease(resource);
      // Its definitions are there already, from the same version: the release would not own them.
      if (release.name === "prometheus-operator-crds") continue;
      await repository?.addFolder(path.join(CHARTS, release.chart));
      const { stderr } = await installRelease(getCluster(), release);
      warnings.push(...stderr.split("\n").filter((line) => /warning/i.test(line)));
    }
    // kube-prometheus-stack lists etcd's members so, as it has no other form for it.
    assert.deepEqual(
      warnings.filter((warning) => !warning.includes("v1 Endpoints is deprecated")),
      [],
    );
  });

  it("has every pod Ready, on the monitoring machine or as one of a DaemonSet", async () => {
    const pods = await waitFor("every pod to be Ready", async () => {
      const found = await getCluster().api.list(`${core}/pods`);
      return found.every((pod) => conditionOf(pod, "Ready") === "True") && found;
    });
    const elsewhere = pods
      .filter((pod) => !JSON.stringify(pod).includes('"nodeName":"maple"'))
      .map(({ metadata }) => metadata.name.replace(/-\w{5}$/, ""));
    assert.deepEqual([...new Set(elsewhere)].sort(), [
      "alloy",
      "ipmi-exporter-local",
      "node-exporter",
    ]);
  });

  it("gives none of the charts' accounts Secrets, or a right to change anything, but the operator", async () => {
    const accounts = (await getCluster().api.list(`${core}/serviceaccounts`)).map(
      (each) => each.metadata.name,
    );
    assert.ok(accounts.length >= 6, accounts.join());
    for (const account of accounts.filter((name) => !name.endsWith("-operator"))) {
      for (const namespace of [NAMESPACE, "kube-system", "jellyfin"]) {
        const rights = await listRights(getCluster(), userOf(NAMESPACE, account), namespace);
        assert.deepEqual(
          rights.filter((right) => !/^(get|list|watch) /.test(right) || /secrets|\*/.test(right)),
          [],
          `${account} in ${namespace}`,
        );
      }
    }
  });

  it("gives Loki a configuration that it takes", async function () {
    const loki = process.env.LOKI;
    if (loki === undefined) {
      console.log("    pending: LOKI names no loki, which is not built here");
      this.skip();
    }
    const { data } = lokiConfig.parse(await getCluster().api.get(`${core}/configmaps/loki`));
    const file = write(getCluster().folder, "loki.yaml", data["config.yaml"]);
    await run(loki, ["-verify-config", `-config.file=${file}`]);
  });
});
