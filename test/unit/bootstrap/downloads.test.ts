import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import * as fc from "fast-check";
import { parse } from "yaml";
import { z } from "zod";
import { methodOf } from "../../../components/bootstrap/methods";
import { k3sStep } from "../../../components/bootstrap/k3s/steps";
import { initStep, installStep } from "../../../components/bootstrap/kubeadm/steps";
import { rke2Step } from "../../../components/bootstrap/rke2/steps";
import table from "../../../components/bootstrap/kubespray/downloads-v2.31.0.json";
import { calico, containerRuntime, kubernetes, kubespray } from "../../../components/versions";
import type { ClusterArgs } from "../../../components/bootstrap/args";
import type { Step } from "../../../components/remote/step";
import { countCases } from "../../support/cases";
import { argsOf, clusterArgs, THREE_CONTROL_PLANES, type ArgsOf } from "./sites";

const DIGEST = "0".repeat(64);
const MIRROR = "http://mirror.lan:8080/files";
const NEWLINE = "\n";

const downloadsOf = (args: ClusterArgs) => methodOf(args.config).downloads(args, "amd64");

/** "MACHINE DIGEST URL" of each line for amd64 of the lists that the steps bring to the machines. */
function rendered(steps: readonly (readonly [machine: string, step: Step])[]): string[] {
  return steps.flatMap(([machine, { files = [] }]) =>
    files
      .filter((file) => file.path.endsWith("/artefacts"))
      .flatMap(({ content }) => content.split(NEWLINE).filter((line) => line !== ""))
      .map((line) => line.split(" "))
      .filter(([, , , , architecture]) => architecture !== "arm64")
      .map(([digest = "", , , url = ""]) => `${machine} ${digest} ${url}`),
  );
}

/** The same of what is listed, as it is fetched by way of a mirror, or from the publishers. */
function listed(args: ClusterArgs): string[] {
  const mirror = args.config.sources.files;
  return downloadsOf(args).files.flatMap(({ machines, sha256, url }) =>
    machines.map((machine) => {
      const from = mirror === undefined ? url : url.replace("https://", `${mirror}/`);
      return `${machine} ${sha256 ?? "listed"} ${from}`;
    }),
  );
}

const settings = fc.record({
  sources: fc.constantFrom({}, { files: MIRROR }),
  addons: fc.record({ helm: fc.boolean(), metricsServer: fc.boolean() }),
  checksums: fc.constantFrom({}, { operator: DIGEST }),
});
const changes = fc.constantFrom([], THREE_CONTROL_PLANES);

/** Images by their publishers' names, wherever a text has them. */
const IMAGE =
  /\b(?:docker\.io|quay\.io|registry\.k8s\.io|ghcr\.io)\/[\w./-]+:[\w.-]+(?:@sha256:[0-9a-f]{64})?/g;

function imagesIn(steps: readonly Step[]): string[] {
  const texts = steps.flatMap(({ files = [], script }) => [
    script,
    ...files.map(({ content }) => content),
  ]);
  return texts.flatMap((text) => text.match(IMAGE) ?? []);
}

describe("what a method says that its machines download", () => {
  it("is what kubeadm's steps fetch, on each machine, and each image that they name", () => {
    fc.assert(
      fc.property(settings, changes, (keys, changed) => {
        const args: ArgsOf<"kubeadm"> = argsOf("kubeadm", keys, ...changed);
        const { controller } = args;
        const steps = args.machines.map(
          (machine) => [machine.name, installStep(args, machine, machine === controller)] as const,
        );
        assert.deepEqual(listed(args).sort(), rendered(steps).sort());
        const images = new Set(downloadsOf(args).images.map(({ image }) => image.split("@")[0]));
        const named = imagesIn([...steps.map(([, step]) => step), initStep(args, controller, "k")]);
        for (const image of named) assert.ok(images.has(image.split("@")[0]), image);
        assert.ok(named.length > 0);
      }),
      { numRuns: countCases(10) },
    );
  });

  it("is what K3s's steps fetch", () => {
    fc.assert(
      fc.property(settings, changes, (keys, changed) => {
        const checksums = { ...keys.checksums, k3s: DIGEST };
        const args = argsOf("k3s", { ...keys, checksums }, ...changed);
        const steps = args.machines.map(
          (machine) => [machine.name, k3sStep(args, machine, { server: "a", agent: "b" })] as const,
        );
        assert.deepEqual(listed(args).sort(), rendered(steps).sort());
      }),
      { numRuns: countCases(5) },
    );
  });

  it("is RKE2's archive and the list that vouches for it", () => {
    for (const files of [undefined, MIRROR]) {
      const args = argsOf("rke2", { sources: { files } });
      const [machine] = args.machines;
      assert.ok(machine);
      const origin = String(rke2Step(args, args.controller, machine, "t").settings?.ORIGIN);
      const urls = new Set(listed(args).map((line) => line.split(" ")[2]));
      const names = ["rke2.linux-amd64.tar.gz", "sha256sum-amd64.txt"];
      assert.deepEqual(urls, new Set(names.map((name) => `${origin}/${name}`)));
    }
  });

  it("names what it cannot know, and nothing as known that another manifest decides", () => {
    const own = downloadsOf(argsOf("kubeadm", { checksums: { operator: DIGEST } }));
    assert.ok(!own.images.some(({ image }) => image.includes("calico")));
    assert.match(own.unlisted.map(({ what }) => what).join(), /images of Calico/);
    const checksums = { kubeadm: DIGEST, kubelet: DIGEST, kubectl: DIGEST };
    const other = downloadsOf(argsOf("kubeadm", { kubernetesVersion: "1.34.1", checksums }));
    assert.ok(!other.images.some(({ image }) => /coredns|etcd/.test(image)));
    assert.match(other.unlisted.map(({ advice }) => advice).join(), /images list .* v1\.34\.1/);
  });
});

describe("the table of Kubespray's downloads", () => {
  const urls = (...args: Parameters<typeof clusterArgs>) =>
    new Map(downloadsOf(clusterArgs(...args)).files.map((file) => [file.url, file]));

  it("is of the pinned tag, and has each version that the schema takes", () => {
    assert.equal(table.tag, kubespray.tag);
    const newest = Object.entries(kubespray.newestPatch);
    const versions = newest.flatMap(([minor, patch]) =>
      Array.from({ length: patch + 1 }, (_, i) => `1.${minor}.${i}`),
    );
    assert.deepEqual(Object.keys(table.kubernetes).sort(), versions.sort());
    assert.equal(table.fixed.calicoctl.version, calico.version);
  });

  it("has the digests that kubeadm's method has of the same files", () => {
    const files = urls();
    for (const file of downloadsOf(argsOf("kubeadm")).files) {
      const same = files.get(file.url);
      if (same !== undefined) assert.equal(same.sha256, file.sha256, file.url);
    }
    assert.equal(table.fixed.runc.version, containerRuntime.runc.version);
    assert.deepEqual(table.kubernetes["1.35.4"], kubernetes.checksums);
    for (const name of ["runc", "containerd", "cni", "helm"] as const)
      assert.deepEqual(table.fixed[name], containerRuntime[name]);
    assert.deepEqual(table.minors["1.35"].crictl, containerRuntime.crictl);
  });

  it("names other files for another processor, and what an add-on brings", () => {
    const args = clusterArgs({ addons: { metallb: true, nodeLocalDns: true } });
    const { files, images } = methodOf(args.config).downloads(args, "arm64");
    assert.ok(files.every(({ url }) => url.includes("arm64") || url.endsWith("crds.yaml")));
    assert.ok(images.some(({ image }) => image.startsWith("quay.io/metallb/speaker:")));
    const three = downloadsOf(clusterArgs({}, ...THREE_CONTROL_PLANES)).images;
    assert.ok(three.some(({ image }) => image.startsWith("docker.io/library/nginx:")));
    assert.ok(!downloadsOf(clusterArgs()).images.some(({ image }) => image.includes("nginx")));
  });

  /** KUBESPRAY_DIR: a checkout of the pinned tag. */
  it("is what the checkout has", function () {
    const folder = process.env.KUBESPRAY_DIR ?? "";
    const file = path.join(folder, "roles/kubespray_defaults/vars/main/checksums.yml");
    if (folder === "" || !existsSync(file)) this.skip();
    const digests = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())));
    const all = digests.parse(parse(readFileSync(file, "utf8")));
    const known = new Set(
      Object.values(all).flatMap((by) => Object.values(by).flatMap((one) => Object.values(one))),
    );
    const texts = JSON.stringify(table).match(/[0-9a-f]{64}/g) ?? [];
    assert.ok(texts.length > 150);
    for (const digest of texts) assert.ok(known.has(`sha256:${digest}`), digest);
    for (const [version, programs] of Object.entries(table.kubernetes))
      for (const [name, { amd64, arm64 }] of Object.entries(programs))
        for (const [arch, digest] of Object.entries({ amd64, arm64 }))
          assert.equal(all[`${name}_checksums`]?.[arch]?.[version], `sha256:${digest}`);
  });
});
