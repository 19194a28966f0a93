import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { Apps } from "../../../components/apps/apps";
import type { AppsConfig } from "../../../components/apps/config";
import { planApps } from "../../../components/apps/plan-apps";
import { named, recordGraph, type Recorded } from "../../support/mocks";
import { appsConfig, appSite, site } from "./settings";

async function record(config: AppsConfig, monitored = true): Promise<Recorded[]> {
  return recordGraph(() => {
    const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
    const access = { settings: site.config.remote };
    const secrets = (): undefined => undefined;
    const plans = planApps(config, appSite);
    new Apps(
      "apps",
      { ...appSite, plans, config, access, secrets, monitored },
      { providers: [provider] },
    );
  });
}

describe("the apps component", () => {
  let graph: Recorded[];
  before(async () => {
    graph = await record(appsConfig());
  });

  const children = (parent: string): string[] =>
    graph
      .filter((r) => r.parent === parent)
      .map((r) => `${r.name} ${r.type}`)
      .sort();

  it("has a component for each app, and the storage class that they share", () => {
    assert.deepEqual(children("apps"), [
      "apps-jellyfin vmstation:apps:Jellyfin",
      "apps-minecraft vmstation:apps:Minecraft",
      "apps-storage-local kubernetes:storage.k8s.io/v1:StorageClass",
    ]);
  });

  it("gives Jellyfin limits, folders, volumes, its objects and a monitor", () => {
    assert.deepEqual(children("apps-jellyfin"), [
      "apps-jellyfin-alerts kubernetes:monitoring.coreos.com/v1:PrometheusRule",
      "apps-jellyfin-config-claim kubernetes:core/v1:PersistentVolumeClaim",
      "apps-jellyfin-config-volume kubernetes:core/v1:PersistentVolume",
      "apps-jellyfin-discovery-maple command:remote:Command",
      "apps-jellyfin-folders-spruce command:remote:Command",
      "apps-jellyfin-limits kubernetes:core/v1:LimitRange",
      "apps-jellyfin-media-claim kubernetes:core/v1:PersistentVolumeClaim",
      "apps-jellyfin-media-volume kubernetes:core/v1:PersistentVolume",
      "apps-jellyfin-monitor kubernetes:monitoring.coreos.com/v1:ServiceMonitor",
      "apps-jellyfin-quota kubernetes:core/v1:ResourceQuota",
      "apps-jellyfin-scripts kubernetes:core/v1:ConfigMap",
      "apps-jellyfin-server kubernetes:apps/v1:StatefulSet",
      "apps-jellyfin-service kubernetes:core/v1:Service",
    ]);
  });

  it("gives Minecraft a release, and its RCON password in a Secret and nowhere else", () => {
    assert.deepEqual(
      children("apps-minecraft").filter((child) => /rcon|release|script/.test(child)),
      [
        "apps-minecraft-rcon kubernetes:core/v1:Secret",
        "apps-minecraft-rcon-password random:index/randomPassword:RandomPassword",
        "apps-minecraft-release kubernetes:helm.sh/v3:Release",
        "apps-minecraft-scripts kubernetes:core/v1:ConfigMap",
      ],
    );
    const holders = graph.filter((r) => r.dependencies.includes("apps-minecraft-rcon-password"));
    assert.deepEqual(
      holders.map(({ name }) => name),
      ["apps-minecraft-rcon"],
    );
  });

  it("puts every Kubernetes object on the explicit provider", () => {
    const objects = graph.filter(
      (r) => r.type.startsWith("kubernetes:") && r.parent.startsWith("apps"),
    );
    assert.equal(objects.length, 20);
    assert.deepEqual([...new Set(objects.map(({ provider }) => provider))], ["cluster"]);
  });

  it("does not wait for claims, which are bound before Pulumi sees them pending", () => {
    for (const name of ["apps-jellyfin-config-claim", "apps-jellyfin-media-claim"])
      assert.match(
        JSON.stringify(named(graph, name).inputs.metadata),
        /"annotations":\{"pulumi\.com\/skipAwait":"true"\}/,
        name,
      );
  });

  it("makes folders before volumes, volumes before claims, claims before the server", () => {
    const waitsFor = (name: string): readonly string[] => named(graph, name).dependencies;
    assert.deepEqual(waitsFor("apps-jellyfin-config-volume"), [
      "apps-jellyfin-folders-spruce",
      "apps-storage-local",
    ]);
    assert.deepEqual(waitsFor("apps-jellyfin-config-claim"), ["apps-jellyfin-config-volume"]);
    for (const name of [
      "apps-jellyfin-quota",
      "apps-jellyfin-config-claim",
      "apps-jellyfin-media-claim",
    ]) {
      assert.ok(waitsFor("apps-jellyfin-server").includes(name), name);
    }
  });

  it("deploys nothing for an app that is not named, and no storage class without a volume", async () => {
    const none = await record({ ...appsConfig(), jellyfin: undefined, minecraft: undefined });
    assert.deepEqual(
      none.map(({ name }) => name),
      ["cluster", "apps"],
    );
  });

  it("asks nothing of a monitoring that is not there", async () => {
    const bare = await record(appsConfig(), false);
    assert.ok(!bare.some(({ type }) => type.includes("monitoring.coreos.com")));
  });

  it("tells where each app is reached: by way of the control plane when its machine sleeps", () => {
    let urls: unknown;
    return recordGraph(() => {
      const access = { settings: site.config.remote };
      const config = appsConfig({ minecraft: { machine: "hazel" } });
      const secrets = (): undefined => undefined;
      const plans = planApps(config, appSite);
      const args = { ...appSite, plans, config, access, secrets, monitored: true };
      urls = new Apps("apps", args, {}).urls;
    }).then(() => {
      assert.deepEqual(urls, {
        jellyfin: "http://192.168.8.63:30096",
        minecraft: "192.168.8.63:30565",
      });
    });
  });
});
