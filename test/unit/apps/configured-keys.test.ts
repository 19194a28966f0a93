import assert from "node:assert/strict";
import { CONFIGURED, withConfigured } from "../../support/fixtures/apps/configured/apps";
import { useGeneratedFolder } from "../../support/generated";
import { named, type Recorded } from "../../support/mocks";
import { homelabSite } from "../../support/site";
import { recordStack, SECRETS } from "../../support/stack";

const DIGEST = `sha256:${"a".repeat(64)}`;

const feed = {
  ...CONFIGURED.feed,
  resources: {
    requests: { cpu: "150m", memory: "96Mi" },
    limits: { cpu: "750m", memory: "384Mi" },
  },
  quota: { requests: { cpu: "2", memory: "2Gi" }, limits: { cpu: "3", memory: "3Gi" }, pods: 7 },
  egress: { internet: [443], lan: [1883], namespaces: { board: [5432] } },
  podSecurity: { level: "baseline", reason: "its pods run as root" },
  use: { probe: "components/apps/jellyfin/files/probe.py", secret: "feedKey" },
  metrics: { port: "http", path: "/own-metrics" },
  panels: [{ title: "Articles", expr: "feed_articles", unit: "short" }],
  volumes: {
    data: { path: "/var/lib/feed", uid: 1234 },
    films: { path: "/srv/films", readOnly: true },
    cache: { path: "/var/lib/feed-cache", backup: false },
  },
};

const whoami = {
  ...CONFIGURED.whoami,
  chart: {
    ...{ name: "whoami", version: "1.2.0" },
    ...{ repository: "oci://registry.example.org/charts", digest: DIGEST },
  },
  values: { auth: { token: "everybody" } },
  notSecret: ["auth.token"],
  clusterWide: ["CustomResourceDefinition"],
  timeout: "7m",
  machine: "maple",
};

describe("each key of an app from the configuration", function () {
  useGeneratedFolder();
  this.timeout(60_000);
  const site = homelabSite(
    ...withConfigured,
    [["apps", "feed"], feed],
    [["apps", "whoami"], whoami],
    [["feedKey"], "s3cret-of-the-probe"],
  );
  let graph: Recorded[];
  before(async () => {
    const secrets = { ...SECRETS, feedToken: "x", feedKey: "s3cret-of-the-probe" };
    graph = await recordStack(site, secrets);
  });
  const text = (name: string): string => JSON.stringify(named(graph, name).inputs);

  it("sizes its containers and its namespace", () => {
    const quota = text("apps-feed-quota");
    for (const part of [/"requests\.cpu":"2"/, /"limits\.memory":"3Gi"/, /"pods":"7"/])
      assert.match(quota, part);
    const limits = text("apps-feed-limits");
    for (const part of [/150m/, /96Mi/, /750m/, /384Mi/]) assert.match(limits, part);
  });

  it("opens what it connects to, and no more", () => {
    const out = site.facts.namespaces
      .find(({ name }) => name === "feed")
      ?.policies.filter(({ direction }) => direction === "egress")
      .map(({ name, ports }) => [name, ...ports.map(({ port }) => port)]);
    assert.deepEqual(out, [
      ["feed-to-its-pods"],
      ["feed-to-internet", 443],
      ["feed-to-lan", 1883],
      ["feed-to-namespace-board", 5432],
    ]);
  });

  it("sets the Pod Security of its namespace alone", () => {
    assert.match(text("network-feed"), /"pod-security.kubernetes.io\/enforce":"baseline"/);
    assert.match(text("network-board"), /"pod-security.kubernetes.io\/enforce":"restricted"/);
  });

  it("has its use asked for by its own program, with its secret", () => {
    const use = site.sleepingApps.find(({ app }) => app === "feed");
    assert.equal(use?.probe?.secret, "feedKey");
    assert.match(use.probe.program, /^def users\(/m);
  });

  it("has its metrics fetched, and shown in its dashboard", () => {
    assert.ok(graph.some(({ inputs }) => JSON.stringify(inputs).includes('"path":"/own-metrics"')));
    const policies = site.facts.namespaces.find(({ name }) => name === "feed")?.policies ?? [];
    assert.ok(policies.some(({ name }) => name === "feed-from-monitoring"));
    assert.match(text("monitoring-dashboard-app-feed"), /feed_articles/);
  });

  it("has the folders that it writes to in the backups, but for those that it leaves out", () => {
    const sources = site.facts.backups.filter(({ name }) => name.startsWith("feed"));
    assert.deepEqual(
      sources.map(({ directory }) => directory),
      ["/var/lib/feed"],
    );
    assert.match(text("apps-feed-folders-hazel"), /\/var\/lib\/feed 1234:1234/);
  });

  it("is exactly that chart of a registry, with what was allowed by name", () => {
    const { inputs } = named(graph, "apps-whoami-release");
    assert.equal(inputs.chart, `oci://registry.example.org/charts/whoami@${DIGEST}`);
    assert.deepEqual(inputs.values, whoami.values);
    assert.equal(inputs.skipCrds, false);
    assert.equal(inputs.timeout, 420);
    assert.equal(inputs.atomic, true);
  });
});
