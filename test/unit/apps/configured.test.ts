import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { readObjects } from "../../../components/apps/configured/objects";
import { postRender } from "../../../components/apps/configured/post-render";
import {
  CONFIGURED,
  withConfigured,
  withIngress,
  type ConfiguredName,
} from "../../support/fixtures/apps/configured/apps";
import { useGeneratedFolder } from "../../support/generated";
import type { Change } from "../../support/homelab";
import { named, type Recorded } from "../../support/mocks";
import { homelabSite } from "../../support/site";
import { recordStack, SECRETS } from "../../support/stack";

const ROOT = path.join(__dirname, "../../..");
const TOKEN = "s3cret-of-the-feed";
const names: readonly ConfiguredName[] = ["board", "feed", "whoami"];

const workload = z.looseObject({
  metadata: z.looseObject({ namespace: z.string(), labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({
    replicas: z.number().optional(),
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        nodeSelector: z.record(z.string(), z.string()),
        tolerations: z.array(z.looseObject({ key: z.string() })),
      }),
    }),
  }),
});

describe("an app from the configuration alone", function () {
  useGeneratedFolder();
  this.timeout(60_000);
  let graph: Recorded[];
  before(async () => {
    graph = await recordStack(homelabSite(...withConfigured), { ...SECRETS, feedToken: TOKEN });
  });

  const children = (app: string): string[] =>
    graph
      .filter((r) => r.parent === `apps-${app}`)
      .map((r) => r.name.replace(`apps-${app}-`, ""))
      .sort();
  const text = (name: string): string => JSON.stringify(named(graph, name).inputs);

  it("has what the frame gives to every app, whatever it is made of", () => {
    const common = ["alerts", "limits", "quota"];
    const data = ["data-claim", "data-volume", "folders-hazel"];
    assert.deepEqual(children("whoami"), [...common, ...data, "release"].sort());
    assert.deepEqual(children("board"), [...common, ...data, "folder"].sort());
    assert.deepEqual(
      children("feed"),
      [
        ...[...common, ...data, "secret-feed"],
        ...["configmap-feed", "service-feed", "deployment-feed"],
      ].sort(),
    );
    for (const app of names) {
      assert.match(text(`network-${app}`), /"pod-security.kubernetes.io\/enforce":"restricted"/);
      assert.match(text(`network-${app}-default-deny`), /"policyTypes"/);
      assert.match(text(`monitoring-dashboard-app-${app}`), new RegExp(`app-${app}\\.json`));
    }
    assert.match(text("monitoring-dashboard-app-feed-readers"), /\\"title\\":\\"Feed: Readers\\"/);
    const mounted =
      /"mountPath":"\/etc\/grafana\/dashboards\/app-feed-readers","name":"dashboard-app-feed-readers"/;
    assert.match(text("monitoring-kube-prometheus-stack"), mounted);
    assert.match(text("apps-feed-alerts"), /"alert":"FeedDown"/);
    assert.match(text("apps-feed-folders-hazel"), /\/var\/lib\/feed 1000:1000/);
  });

  it("is known to the controller that holds its port, by its workload and its Service", () => {
    const settings = /(\{\n {2}"key":[^]*?\n\})\n/.exec(
      String(named(graph, "power-controller-maple").inputs.stdin),
    );
    const { apps } = z
      .object({ apps: z.array(z.looseObject({ app: z.string() })) })
      .parse(JSON.parse(settings?.[1] ?? ""));
    for (const app of names) {
      const { nodePort } = CONFIGURED[app].ports.http;
      const found = apps.find((each) => each.app === app);
      assert.equal(found?.machine, "hazel");
      assert.equal(found.workload, app);
      assert.deepEqual(found.advertised, [{ port: nodePort, servicePort: 80, speaks: "http" }]);
    }
  });

  it("has its folders in the backups, and its pods started again after a restore", () => {
    const sources = homelabSite(...withConfigured).facts.backups;
    const feed = sources.find(({ name }) => name === "feed");
    assert.equal(feed?.directory, "/var/lib/feed");
    assert.deepEqual(feed.pods, { namespace: "feed", selector: "vmstation.io/app=feed" });
  });

  it("lets in the LAN at the pods' port, its own pods, and nobody else", () => {
    const need = homelabSite(...withConfigured).facts.namespaces.find(
      ({ name }) => name === "feed",
    );
    assert.deepEqual(
      need?.policies.map(({ name, ports }) => [name, ports.map(({ port }) => port)]),
      [
        ["feed-from-lan", [8080]],
        ["feed-from-its-pods", []],
        ["feed-to-its-pods", []],
        ["feed-to-internet", [443]],
      ],
    );
  });

  it("has its objects on its machine, marked, without a number of pods, its port left to the controller", () => {
    const found = workload.parse(named(graph, "apps-feed-deployment-feed").inputs);
    assert.equal(found.metadata.namespace, "feed");
    assert.equal(found.spec.replicas, undefined);
    const { metadata, spec } = found.spec.template;
    assert.deepEqual(metadata.labels, {
      app: "feed",
      "vmstation.io/app": "feed",
      "vmstation.io/sleeps-with": "hazel",
    });
    assert.deepEqual(spec.nodeSelector, { "kubernetes.io/hostname": "hazel" });
    assert.equal(spec.tolerations.length, 2);
    assert.match(text("apps-feed-service-feed"), /"type":"ClusterIP"/);
    assert.doesNotMatch(text("apps-feed-service-feed"), /nodePort/);
    assert.equal(named(graph, "apps-feed-service-feed").type, "kubernetes:core/v1:Service");
    assert.ok(
      named(graph, "apps-feed-deployment-feed").dependencies.includes("apps-feed-secret-feed"),
    );
  });

  it("has its secret in a Secret, and nowhere in plain", () => {
    const { secretInputs, inputs } = named(graph, "apps-feed-secret-feed");
    assert.ok(secretInputs.includes("stringData"));
    assert.deepEqual(inputs.stringData, { token: TOKEN });
    const others = graph.filter(({ name }) => name !== "apps-feed-secret-feed");
    assert.ok(others.every((each) => !JSON.stringify(each.inputs).includes(TOKEN)));
  });

  it("is a release whose objects a program of its own puts into the frame", () => {
    const { inputs } = named(graph, "apps-whoami-release");
    assert.equal(inputs.chart, "./test/support/fixtures/apps/configured/charts/whoami");
    assert.equal(inputs.skipAwait, true);
    const program = path.join(ROOT, z.string().parse(inputs.postrender));
    const name = path.basename(program);
    assert.match(
      fs.readFileSync(program, "utf8"),
      new RegExp(`^#!/bin/sh\\n[^]*post-render\\.ts "\\$here/${name}\\.json"\\n$`),
    );
    const rendered = fs.readFileSync(path.join(ROOT, FEED), "utf8").replaceAll("feed", "whoami");
    const frame: unknown = JSON.parse(fs.readFileSync(`${program}.json`, "utf8"));
    const stdout = postRender(rendered, frame);
    const { objects } = readObjects(stdout, "stdout");
    const deployment = objects.find(({ object }) => object.kind === "Deployment");
    const { spec } = workload.parse(deployment?.object);
    assert.equal(spec.replicas, undefined);
    assert.equal(spec.template.spec.nodeSelector["kubernetes.io/hostname"], "hazel");
    assert.equal(spec.template.metadata.labels["vmstation.io/app"], "whoami");
  });
});

const FEED = "test/support/fixtures/apps/configured/feed.yaml";

describe("the frame of an app on a machine that is always on", () => {
  useGeneratedFolder();
  const frame = {
    namespace: "feed",
    labels: { "vmstation.io/app": "feed" },
    annotations: {},
    placement: { nodeSelector: { "kubernetes.io/hostname": "maple" }, tolerations: [] },
    service: { name: "feed", type: "NodePort", nodePorts: { "80": 30_081 } },
    imageRegistry: "mirror.lan:5000",
    clusterWide: [],
  };
  const objects = readObjects(
    postRender(fs.readFileSync(path.join(ROOT, FEED), "utf8"), frame),
    "x",
  ).objects.map(({ object }) => object);

  it("keeps the number of pods, opens the NodePort, and takes images from the mirror", () => {
    const deployment = JSON.stringify(objects.find(({ kind }) => kind === "Deployment"));
    assert.match(deployment, /"replicas":1/);
    assert.match(deployment, /"image":"mirror\.lan:5000\/library\/busybox:1\.37\.0"/);
    assert.match(
      JSON.stringify(objects.find(({ kind }) => kind === "Service")),
      /"nodePort":30081.*"type":"NodePort"/,
    );
  });
});

describe("who reaches an app from the configuration", () => {
  useGeneratedFolder();
  const feed = (own: object): Change => [
    ["apps", "feed"],
    { ...CONFIGURED.feed, host: "news", machine: "maple", ...own },
  ];
  const siteOf = (own: object) => homelabSite(...withConfigured, ...withIngress, feed(own));

  it("comes by its name alone where its machine is always on: no port of a machine is open", async () => {
    const site = siteOf({ ports: { http: { port: 80, podPort: 8080 } } });
    assert.ok(!site.facts.nodePorts.some(({ path: key }) => key.startsWith("apps.feed")));
    const need = site.facts.namespaces.find(({ name }) => name === "feed");
    const policy = need?.policies.find(({ name }) => name === "feed-from-ingress");
    assert.deepEqual(policy?.peers, [{ cidr: "10.244.0.0/16" }]);
    assert.ok(!need?.policies.some(({ name }) => name === "feed-from-lan"));
    const graph = await recordStack(site, { ...SECRETS, feedToken: TOKEN });
    const spec = JSON.stringify(named(graph, "apps-feed-service-feed").inputs.spec);
    assert.match(spec, /"type":"ClusterIP"/);
    assert.match(
      JSON.stringify(named(graph, "apps-feed-route").inputs.spec),
      /"host":"news\.int\.example\.org"/,
    );
  });

  it("comes to any machine that is always on where the app runs anywhere, and to none that sleeps", async () => {
    const volumes = { data: { storageClass: "shared" } };
    const site = homelabSite(
      ...withConfigured,
      ...[...withIngress, feed({ machine: "anywhere", volumes })],
      [["platform", "storage"], { ceph: CEPH }],
      [["cephKey"], CEPH_KEY],
    );
    const plan = site.apps.find(({ name }) => name === "feed");
    assert.equal(plan?.machine, undefined);
    assert.ok(!site.sleepingApps.some(({ app }) => app === "feed"));
    const graph = await recordStack(site, { ...SECRETS, feedToken: TOKEN, cephKey: CEPH_KEY });
    const spec = JSON.stringify(named(graph, "apps-feed-deployment-feed").inputs.spec);
    assert.match(spec, /"operator":"NotIn","values":\["hazel","spruce"\]/);
    assert.match(spec, /"replicas":1/);
    assert.match(JSON.stringify(named(graph, "apps-feed-alerts").inputs), /kubectl -n feed/);
  });
});

const CEPH = {
  fsid: "11111111-2222-4333-8444-555555555555",
  monitors: ["192.168.8.90"],
  pool: "kubernetes",
  user: "kubernetes",
  keySecret: "cephKey",
  className: "shared",
};

const CEPH_KEY = `AQ${"A".repeat(36)}==`;
