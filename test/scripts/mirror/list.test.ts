import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { chartImagesIn, imagesOf } from "../../../scripts/kit/mirror/chart-images";
import { planImages, planReleases, type Release } from "../../../scripts/kit/mirror/from-plan";
import { parseReference } from "../../../scripts/kit/mirror/image-reference";
import { withoutMirrors } from "../../../scripts/kit/mirror/needs";
import { Merged } from "../../../scripts/kit/mirror/merged";
import { vmstation } from "../../support/command-line";
import { type Change, changedHomelab } from "../../support/homelab";
import { homelabSite } from "../../support/site";
import { recordStack } from "../../support/stack";
import { EVERYTHING } from "../../unit/platform/sites";
import { assertNoSecret, SECRETS } from "../no-secrets/secrets";
import { Folder } from "./folders";

const ROOT = path.join(__dirname, "../../..");

const unlisted = z.array(z.strictObject({ what: z.string(), advice: z.string() }));
const names = z.array(z.string()).min(1);
const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** The document that docs/offline.md describes. */
const listSchema = z.strictObject({
  version: z.literal(1),
  stack: z.string(),
  architecture: z.enum(["amd64", "arm64"]),
  files: z.array(
    z.strictObject({
      url: z.url(),
      path: z.string().startsWith("files/"),
      sha256: digest.nullable(),
      listedIn: z.string().startsWith("files/").nullable(),
      machines: names,
      parts: names,
    }),
  ),
  charts: z.array(
    z.strictObject({
      chart: z.string(),
      version: z.string(),
      repository: z.url(),
      path: z.string().regex(/^charts\/.*\.tgz$/),
      parts: names,
    }),
  ),
  images: z.array(
    z.strictObject({
      image: z.string().regex(/^[\w.-]+\.[\w.-]+\/.+:[\w.-]+$/),
      digest: z.string().startsWith("sha256:").nullable(),
      machines: names,
      parts: names,
    }),
  ),
  unlisted,
});

const IMAGE = /\b(?:docker\.io|quay\.io|registry\.k8s\.io|ghcr\.io)\/[\w./-]+:[\w.-]+/g;

const CHANGES: readonly Change[] = [
  [["bootstrap"], { method: "kubeadm" }],
  [["platform"], EVERYTHING],
  [["bmcPassword"], SECRETS["a flat secret of the configuration"]],
];
const MIRROR = { repository: "http://mirror.lan/charts", imageRegistry: "mirror.lan:5000" };

describe("vmstation mirror list", function () {
  this.timeout(60_000);
  const folder = new Folder();
  let list: z.infer<typeof listSchema>;

  before(async () => {
    const { values } = changedHomelab(
      ...CHANGES,
      [["monitoring", "charts"], { ...MIRROR, timeout: "7m" }],
      [["apps", "charts"], MIRROR],
      [["platform", "charts"], MIRROR],
      [["bootstrap", "sources"], { files: "http://mirror.lan/files" }],
    );
    const config = Object.entries(values).map(([key, value]) => [`vmstation:${key}`, value]);
    folder.write("stack.yaml", stringify({ config: Object.fromEntries(config) as unknown }));
    const words = ["--config-file", folder.at("stack.yaml"), "--json"];
    const ran = await vmstation("-C", ROOT, "mirror", "list", "--stack", "homelab", ...words);
    assert.equal(ran.status, 0, ran.stderr);
    assertNoSecret([ran.stdout, ran.stderr]);
    list = listSchema.parse(JSON.parse(ran.stdout));
  });
  after(() => {
    folder.remove();
  });

  it("is each chart and each image that the program itself names, by their publishers' names", async () => {
    const graph = await recordStack(homelabSite(...CHANGES));
    const releases = graph.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
    const versionOf = ({ inputs }: (typeof graph)[number]): string =>
      `${String(inputs.chart)} ${String(inputs.version)}`;
    assert.deepEqual(
      list.charts.map(({ chart, version }) => `${chart} ${version}`).sort(),
      [...new Set(releases.map(versionOf))].sort(),
    );
    const text = graph.map(({ inputs }) => JSON.stringify(inputs)).join("\n");
    const named = new Set(text.match(IMAGE));
    const known = new Set(list.images.map(({ image }) => image));
    for (const image of named) assert.ok(known.has(image), image);
    assert.ok(named.size > 3);
    const others = list.images.filter(({ parts }) => !parts.includes("bootstrap"));
    for (const { image } of others) {
      const { repository, tag } = parseReference(image);
      const words = repository.replace(/^docker\.io\//, "");
      assert.ok(text.includes(words) && text.includes(tag), `${image} is named by nobody`);
    }
    assert.doesNotMatch(JSON.stringify(list), /mirror\.lan/);
  });

  it("says what it cannot know: images that charts name, and packages", () => {
    const whats = list.unlisted.map(({ what }) => what).join("\n");
    for (const { chart } of list.charts) assert.ok(whats.includes(`chart ${chart} `), chart);
    assert.match(whats, /packages of the machines' distributions/);
  });

  it("refuses a processor whose programs have no digest, by the keys that say it", async () => {
    const k3s = { method: "k3s", checksums: { k3s: "0".repeat(64) } };
    const { values } = changedHomelab([["bootstrap"], k3s]);
    const config = Object.entries(values).map(([key, value]) => [`vmstation:${key}`, value]);
    folder.write("k3s.yaml", stringify({ config: Object.fromEntries(config) as unknown }));
    const words = ["--config-file", folder.at("k3s.yaml"), "--arch", "arm64"];
    const ran = await vmstation("-C", ROOT, "mirror", "list", "--stack", "homelab", ...words);
    assert.deepEqual(
      [ran.status, ran.stderr],
      [2, "--arch arm64: a digest is missing. Set vmstation:bootstrap.checksums.arm64.k3s.\n"],
    );
  });
});

describe("what a plan downloads", () => {
  it("comes from its publishers, whichever layer names a mirror", () => {
    const keys = ["platform", "monitoring", "apps", "gitops"];
    const config = new Map<string, unknown>(
      keys.map((key) => [`vmstation:${key}`, { charts: { ...MIRROR, timeout: "7m" } }]),
    );
    config.set("other:apps", { charts: MIRROR }).set("vmstation:lan", { cidr: "10.0.0.0/8" });
    assert.deepEqual(
      withoutMirrors(config, "vmstation"),
      keys.map((key) => `${key}.charts={"timeout":"7m"}`),
    );
  });

  const values = {
    nodeSelector: { "kubernetes.io/hostname": "nas" },
    image: { repository: "itzg/server", tag: "1@sha256:0" },
    other: { registry: "quay.io", repository: "a/b", tag: "2" },
  };
  const release = {
    ...{ type: "kubernetes:helm.sh/v3:Release", name: "apps-x" },
    inputs: { chart: "oci://m.lan/charts/x", version: "1.0.0", name: "x", namespace: "x", values },
  };

  it("is a release's chart, its machine, and the images that its values name", () => {
    const [read] = planReleases([release]);
    assert.ok(read);
    const { chart, repository, machine, pinned } = read;
    assert.deepEqual([chart, repository, machine], ["x", "oci://m.lan/charts", "nas"]);
    assert.deepEqual(pinned, ["itzg/server:1@sha256:0", "quay.io/a/b:2"]);
  });

  it("is the image of each container of an object, also of the first ones", () => {
    const spec = {
      nodeSelector: { "kubernetes.io/hostname": "nas" },
      initContainers: [{ image: "a" }],
      containers: [{ image: "b" }],
    };
    const found = planImages([
      {
        type: "kubernetes:apps/v1:Deployment",
        name: "d",
        inputs: { spec: { template: { spec } } },
      },
      { type: "command:remote:Command", name: "c", inputs: { image: "no" } },
    ]);
    assert.deepEqual(
      found.map(({ image, machine }) => [image, machine]),
      [
        ["a", "nas"],
        ["b", "nas"],
      ],
    );
  });

  it("is one image where a tag is named with its digest and without", () => {
    const merged = new Merged();
    merged.addImage("nginx:1", ["b"], "x");
    merged.addImage("docker.io/library/nginx:1@sha256:0", ["a"], "y");
    assert.deepEqual(merged.lists().images, [
      {
        image: "docker.io/library/nginx:1",
        digest: "sha256:0",
        machines: ["a", "b"],
        parts: ["x", "y"],
      },
    ]);
  });

  it("reads an image's name as containerd does", () => {
    const read = (text: string): string => Object.values(parseReference(text)).join(" ").trim();
    assert.equal(read("nginx"), "docker.io/library/nginx latest");
    assert.equal(read("itzg/server:1@sha256:0"), "docker.io/itzg/server 1 sha256:0");
    assert.equal(read("m.lan:5000/x"), "m.lan:5000/x latest");
    assert.equal(read("localhost/x:2"), "localhost/x 2");
  });
});

describe("the images of a chart", () => {
  const folder = new Folder();
  const before = process.env.PATH;
  afterEach(() => {
    process.env.PATH = before;
  });
  after(() => {
    folder.remove();
  });

  const OBJECTS = `
kind: Deployment
spec:
  template:
    spec:
      initContainers: [{ image: a/init:1 }]
      containers:
        - image: quay.io/p/operator:v1
          args: [--prometheus-config-reloader=quay.io/p/reloader:v1, --log=x]
---
kind: Prometheus
spec: { image: "quay.io/p/prometheus:v3" }
`;

  it("are those of all containers, of the operator's objects, and of its options", () => {
    const expected = ["a/init:1", "operator:v1", "prometheus:v3", "reloader:v1"];
    assert.deepEqual(
      imagesOf(OBJECTS).map((image) => image.replace("quay.io/p/", "")),
      expected,
    );
  });

  it("are what helm makes of the chart in the folder with the stack's values", async () => {
    const release: Release = {
      ...{ chart: "x", version: "1.0.0", repository: "https://c.example", name: "x" },
      ...{ namespace: "y", values: { a: "[secret]" }, pinned: [], machine: undefined, part: "p" },
    };
    const images = chartImagesIn(folder.path, "1.35.4");
    assert.equal(await images(release), undefined);
    folder.write("charts/x-1.0.0.tgz", "a chart");
    folder.write("objects", OBJECTS);
    const told = folder.at("told");
    folder.write(
      "bin/helm",
      `#!/bin/sh\n{ echo "$@"; cat; } >${told}\ncat ${folder.at("objects")}\n`,
    );
    chmodSync(folder.at("bin/helm"), 0o755);
    process.env.PATH = `${folder.at("bin")}:${before ?? ""}`;
    assert.equal((await images(release))?.length, 4);
    const { readFileSync } = await import("node:fs");
    const said = readFileSync(told, "utf8");
    assert.match(
      said,
      /^template x .*charts\/x-1\.0\.0\.tgz --namespace y .*--kube-version 1\.35\.4/,
    );
    assert.match(said, /\{"a":"\[secret\]"\}/);
  });
});
