import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { platformCharts } from "../../components/versions";
import { DNS_SERVER, Internet } from "../cluster/acme";
import { applyCrds, PLATFORM_GROUPS } from "../cluster/crds";
import { Daemon } from "../cluster/daemon";
import { kubeObject } from "../cluster/kube-object";
import { toolPath } from "../cluster/tools";
import { requireTools } from "../cluster/use-cluster";
import { waitFor } from "../rig/wait";
import { addChart, CHECKS, type ClusterLab } from "./cluster-lab";
import type { Update } from "./engine-lab";
import { useClusterLab } from "./use-cluster-lab";

const TOKEN = "t0ken-of-cloudflare";
const REFUSED = /certificates: [^\n]*9109: Invalid access token/;
const [INGRESS, TAKEN] = ["10.213.0.232", "10.213.0.240"];
/** Where nobody answers. */
const MONITOR = "10.213.0.99";
const FSID = "b3b0fb5c-3f0b-4b1c-9d2f-5d0a2c3e4f50";

const PLATFORM = {
  ...{ domain: "rowan.se", internalDomain: "int.rowan.se" },
  loadBalancer: { addresses: [`${INGRESS}/32`] },
  ingress: { address: INGRESS },
  certificates: { email: "robin@rowan.se", cloudflareTokenSecret: "dnsToken" },
};

/** What MetalLB would have made of Traefik's Service. */
const SERVICE = kubeObject.parse({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "traefik", namespace: "traefik" },
  spec: {
    ...{ type: "LoadBalancer", allocateLoadBalancerNodePorts: false },
    ports: [{ port: 443, protocol: "TCP" }],
  },
});

// Each test goes on from what the one before has left, as an owner does.
describe("an update of which a part of the platform cannot be made, by Pulumi's engine", function () {
  this.bail(true);
  before(function () {
    requireTools(this, ["platform", "pebble"]);
  });
  const getLab = useClusterLab();
  let lab: ClusterLab;
  let internet: Internet | undefined;
  let controllers: Daemon | undefined;

  before(async () => {
    lab = getLab();
    const { cluster, charts, rig } = lab;
    await applyCrds(cluster, ...PLATFORM_GROUPS);
    for (const pin of Object.values(platformCharts)) await addChart(charts, pin);
    internet = new Internet(cluster.folder, { token: TOKEN, zone: "rowan.se" });
    await internet.start([], 3600);
    const { through, env } = internet;
    controllers = new Daemon({
      folder: cluster.folder,
      program: toolPath("certificates"),
      args: [cluster.kubeconfig, "127.0.0.1:9402", DNS_SERVER],
      ...{ through, env },
    });
    const wrapper = readFileSync(path.join(__dirname, "files/python3"), "utf8");
    const place = "/usr/local/sbin/python3";
    await rig.machine("maple").exec(`cat >${place}; chmod 755 ${place}`, { input: wrapper });
    lab.set("validation.wait=20s");
    describePlatform({});
    await lab.setSecret("dnsToken", "another");
  });
  after(async () => {
    await controllers?.stop();
    await internet?.stop();
  });

  function describePlatform(more: object): void {
    const sources = { repository: lab.charts.url, timeout: "15s" };
    lab.set(`platform=${JSON.stringify({ ...PLATFORM, ...more, charts: sources })}`);
  }

  /** With the checks at the end. */
  const up = async (): Promise<Update> => {
    const update = await lab.up({ exclude: [] });
    controllers?.assertRunning();
    return update;
  };
  const passes = async (): Promise<void> => {
    const update = await up();
    assert.ok(update.ok, update.output);
  };
  const validate = (): ReturnType<ClusterLab["verb"]> => lab.verb(["validate", "platform"]);

  it("ends with Cloudflare's own words, once all that needs no certificate is there", async () => {
    const update = await up();
    assert.equal(update.ok, false);
    assert.deepEqual(update.failed, [CHECKS], update.output);
    assert.match(update.output, REFUSED);
    const made = update.names("create");
    for (const name of [
      "monitoring-loki",
      "apps-jellyfin-server",
      "platform-certificates-all-names",
    ])
      assert.ok(made.includes(name), `${name} of ${made.join()}`);
    await waitFor("Jellyfin's pod", async () => {
      const pods = await lab.cluster.api.list("/api/v1/namespaces/jellyfin/pods");
      return JSON.stringify(pods).includes('"nodeName":"spruce"');
    });
  });

  it("is told of by validate in the same words", async () => {
    const { code, output } = await validate();
    assert.equal(code, 1, output);
    assert.match(output, REFUSED);
  });

  it("is mended by the right token", async () => {
    await lab.cluster.api.apply(SERVICE);
    const status = { loadBalancer: { ingress: [{ ip: INGRESS }] } };
    await lab.cluster.api.merge("/api/v1/namespaces/traefik/services/traefik/status", { status });
    await lab.setSecret("dnsToken", TOKEN);
    // Here nobody replaces cert-manager's pod, which would ask again at once.
    lab.set("validation.wait=3m");
    await passes();
    const { code, output } = await validate();
    assert.equal(code, 0, output);
  });

  it("names who has an address of the pool, as validate does, and what does not need it is changed", async () => {
    const spruce = lab.rig.machine("spruce");
    await spruce.exec(`ip address add ${TAKEN}/32 dev enp5s0`);
    describePlatform({ loadBalancer: { addresses: [`${INGRESS}/32`, `${TAKEN}/32`] } });
    lab.set("monitoring.blackbox.resources.limits.memory=80Mi");
    const update = await up();
    assert.deepEqual(update.failed, ["platform-load-balancer-ready-maple"], update.output);
    const words = `${TAKEN} is in use: ${spruce.mac} answers there`;
    assert.match(update.output, new RegExp(words));
    const { code, output } = await validate();
    assert.equal(code, 1, output);
    assert.match(output, new RegExp(`free addresses: ${words}`));
    assert.ok(update.names("update").includes("monitoring-blackbox-exporter"), update.output);
    await spruce.exec(`ip address del ${TAKEN}/32 dev enp5s0`);
    await passes();
  });

  it("names the monitor of Ceph that does not answer, and validate says the same", async () => {
    const ceph = { fsid: FSID, monitors: [MONITOR], pool: "kubernetes", keySecret: "cephKey" };
    describePlatform({ storage: { ceph } });
    await lab.setSecret("cephKey", Buffer.alloc(28, 7).toString("base64"));
    const update = await up();
    assert.equal(update.failed.length, 1, update.output);
    assert.match(update.failed[0] ?? "", /^platform-storage-.*maple$/);
    assert.match(update.output, /too few of the monitors/);
    const { code, output } = await validate();
    assert.equal(code, 1, output);
    assert.match(output, new RegExp(`Ceph's monitors: [^\\n]*${MONITOR}`));
    describePlatform({});
    await passes();
  });
});
