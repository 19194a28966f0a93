import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import * as versions from "../../components/versions";

const ROOT = path.join(__dirname, "../..");
const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");
const FILES = readdirSync(path.join(ROOT, "components/versions")).map(
  (name) => `components/versions/${name}`,
);

const managerSchema = z.object({
  customType: z.literal("regex"),
  description: z.string(),
  managerFilePatterns: z.array(z.string()),
  matchStrings: z.array(z.string()),
  datasourceTemplate: z.enum(["docker", "helm", "git-tags"]).optional(),
  extractVersionTemplate: z.string().optional(),
  registryUrlTemplate: z.string().optional(),
  depNameTemplate: z.string().optional(),
  packageNameTemplate: z.string().optional(),
});
const renovateSchema = z.object({
  extends: z.array(z.string()),
  customManagers: z.array(managerSchema),
  packageRules: z.array(
    z.object({
      matchPackageNames: z.array(z.string()),
      allowedVersions: z.string().optional(),
      versioning: z.string().optional(),
    }),
  ),
});
const renovate = renovateSchema.parse(JSON.parse(read("renovate.json")));

const imageSchema = z.object({
  repository: z.string(),
  tag: z.string(),
  digest: z.string().optional(),
  unpinned: z.string().optional(),
});
const chartSchema = z.object({ chart: z.string(), version: z.string(), repository: z.string() });

/** Every object among the pins, at whatever depth. */
function listPins(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(listPins)];
}
function listStrings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null
    ? Object.values(value).flatMap(listStrings)
    : [];
}

const pins = Object.values(versions).flatMap(listPins);
const parseAll = <T>(schema: z.ZodType<T>): T[] =>
  pins.flatMap((pin) => {
    const parsed = schema.safeParse(pin);
    return parsed.success ? [parsed.data] : [];
  });
const images = parseAll(imageSchema);
const charts = parseAll(chartSchema);

/** What Renovate would find by its managers: [manager, groups]. */
const found = renovate.customManagers.flatMap((manager) =>
  manager.matchStrings.flatMap((text) =>
    FILES.flatMap((file) => [...read(file).matchAll(new RegExp(text, "g"))]).map(
      ({ groups = {} }) => ({ manager, groups }),
    ),
  ),
);

describe("pins", () => {
  it("name each image by its digest, or say why that is not so", () => {
    assert.ok(images.length >= 5);
    for (const { repository, digest, unpinned } of images) {
      assert.ok((digest === undefined) !== (unpinned === undefined), repository);
      if (digest !== undefined) assert.match(digest, /^sha256:[0-9a-f]{64}$/, repository);
    }
    assert.deepEqual(
      images.filter(({ digest }) => digest === undefined).map(({ repository }) => repository),
      ["prometheuscommunity/ipmi-exporter"],
    );
    const digests = images.flatMap(({ digest }) => digest ?? []);
    assert.equal(new Set(digests).size, digests.length);
  });

  it("take no chart out of an OCI registry, where it would need a digest of its own", () => {
    assert.ok(charts.length >= 8);
    for (const { chart, repository } of charts) assert.match(repository, /^https:\/\//, chart);
  });

  it("are each moved by Renovate, in the versions that stand there", () => {
    for (const { repository, tag, digest } of images) {
      const [match, ...more] = found.filter(({ groups }) => groups.depName === repository);
      assert.equal(more.length, 0, repository);
      assert.deepEqual(
        [
          match?.manager.datasourceTemplate,
          match?.groups.currentValue,
          match?.groups.currentDigest,
        ],
        ["docker", tag, digest],
        repository,
      );
    }
    for (const { chart, version, repository } of charts) {
      const [match, ...more] = found.filter(
        ({ manager, groups }) => manager.datasourceTemplate === "helm" && groups.depName === chart,
      );
      assert.equal(more.length, 0, chart);
      assert.equal(match?.groups.currentValue, version, chart);
      assert.equal(match.manager.registryUrlTemplate ?? match.groups.registryUrl, repository);
    }
    const kubespray = found.find(({ manager }) => manager.datasourceTemplate === "git-tags");
    const { tag, commit, git } = versions.kubespray;
    assert.deepEqual({ ...kubespray?.groups }, { currentValue: tag, currentDigest: commit });
    assert.equal(`${kubespray?.manager.packageNameTemplate}.git`, git);
  });

  it("are each matched by exactly one manager, but for what a pin brings with it", () => {
    const strings = Object.values(versions).flatMap(listStrings);
    // Digests and names beside a version; Kubespray's own table of Kubernetes' newest patches is numbers.
    const isVersion = (text: string): boolean => /^v?\d+[.-]\d|:v\d/.test(text);
    const values = strings.filter((text) => isVersion(text) && !text.startsWith("http"));
    assert.ok(values.length >= 25);
    const matched = found.map(({ groups }) => groups.currentValue);
    const sorted = (all: readonly (string | undefined)[]) => [...all].map(String).sort();
    assert.deepEqual(sorted(values.map((text) => text.replace(/^.*:(?=v)/, ""))), sorted(matched));
  });

  it("of programs name the repository whose releases they are, without the v of their tags", () => {
    const releases = found.filter(({ groups }) => groups.datasource === "github-releases");
    const { version } = versions.kubernetes;
    for (const { manager, groups } of releases) {
      assert.equal(manager.extractVersionTemplate, "^v(?<version>.+)$");
      assert.match(groups.depName ?? "", /^[\w-]+\/[\w.-]+$/);
      assert.ok(
        renovate.packageRules.some(({ matchPackageNames }) =>
          matchPackageNames.includes(groups.depName ?? ""),
        ),
        groups.depName,
      );
    }
    for (const release of Object.values(versions.rancherReleases)) {
      const rule = renovate.packageRules.find(({ versioning }) => versioning?.includes("k3s"));
      assert.ok(release.startsWith(`${version}+`), `${release} is of another Kubernetes`);
      assert.match(release, new RegExp(rule?.versioning?.replace(/^regex:/, "") ?? "$^"));
    }
  });

  it("are found by expressions that Renovate's engine has, in each file", () => {
    for (const { matchStrings, managerFilePatterns } of renovate.customManagers) {
      for (const text of matchStrings) assert.doesNotMatch(text, /\(\?<?[=!]|\\\d/, text);
      for (const pattern of managerFilePatterns)
        for (const file of FILES) assert.match(file, new RegExp(pattern.slice(1, -1)));
    }
    const { minecraft } = versions.appImages;
    const rule = renovate.packageRules.find(({ matchPackageNames }) =>
      matchPackageNames.includes(minecraft.repository),
    );
    assert.match(minecraft.tag, new RegExp(rule?.versioning?.replace(/^regex:/, "") ?? "$^"));
    assert.ok(renovate.extends.includes("helpers:pinGitHubActionDigests"));
  });
});
