import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { ChartReleaseSpec } from "../../../components/shared/chart-release";
import { NAMESPACE } from "../../../components/monitoring/names";
import { STORAGE_CLASS } from "../../../components/monitoring/volumes";
import { kubernetes } from "../../../components/versions";
import { site } from "./homelab";
import { CLAIMS, PODS } from "./pods";
import { allReleases } from "./releases";

/** The charts themselves, one folder CHART each, their own charts/ filled. */
const CHARTS = process.env.CHARTS_DIR ?? "";
const HELM = process.env.HELM ?? "helm";

const objectSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
type K8sObject = z.infer<typeof objectSchema>;

function plain(value: unknown): unknown {
  if (pulumi.Output.isInstance(value)) return "a-name-known-later";
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, plain(below)]));
}

/** What Helm makes of a release, its hooks left out. */
function template(spec: ChartReleaseSpec, folder: string): K8sObject[] {
  const values = path.join(folder, `${spec.release}.json`);
  fs.writeFileSync(values, JSON.stringify(plain(spec.values)));
  const groups = ["monitoring.coreos.com/v1", "monitoring.coreos.com/v1alpha1"];
  const ran = spawnSync(
    HELM,
    [
      ...["template", spec.release, path.join(CHARTS, spec.pin.chart)],
      ...["--namespace", NAMESPACE, "--no-hooks", "--values", values],
      ...["--kube-version", kubernetes.version],
      ...groups.flatMap((group) => ["--api-versions", group]),
    ],
    { encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  assert.equal(ran.status, 0, ran.stderr);
  return parseAllDocuments(ran.stdout, { logLevel: "silent" })
    .map((document) => z.unknown().parse(document.toJS()))
    .filter((object) => object !== null)
    .map((object) => objectSchema.parse(object));
}

const RESTRICTED_KINDS = ["secrets", "*"];
const ruleSchema = z.looseObject({ resources: z.array(z.string()).optional() });

describe("the real charts", function () {
  this.timeout(120_000);
  const objects = new Map<string, readonly K8sObject[]>();
  const of = (release: string): readonly K8sObject[] => objects.get(release) ?? [];
  const labelsOfPods = (object: K8sObject | undefined): unknown =>
    z
      .looseObject({
        spec: z.looseObject({
          template: z.looseObject({ metadata: z.looseObject({ labels: z.unknown() }) }),
        }),
      })
      .parse(object).spec.template.metadata.labels;

  before(function () {
    if (CHARTS === "" || spawnSync(HELM, ["version"]).status !== 0) {
      console.log("    skipped: CHARTS_DIR names no folder of charts, or there is no helm (HELM)");
      this.skip();
    }
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-helm-"));
    for (const spec of allReleases(site())) objects.set(spec.release, template(spec, folder));
    fs.rmSync(folder, { recursive: true });
  });

  it("give their pods the labels that our policies and Services select by", () => {
    const expected: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
      ["kube-prometheus-stack", "kube-prometheus-stack-operator", PODS.operator],
      ["kube-prometheus-stack", "kube-prometheus-stack-grafana", PODS.grafana],
      ["kube-prometheus-stack", "kube-prometheus-stack-kube-state-metrics", PODS.kubeStateMetrics],
      ["loki", "loki", PODS.loki],
      ["alloy", "alloy", PODS.alloy],
      ["blackbox-exporter", "blackbox-exporter", PODS.blackbox],
      ["ipmi-exporter", "ipmi-exporter-prometheus-ipmi-exporter", PODS.ipmi],
    ];
    for (const [release, name, labels] of expected) {
      const workload = of(release).find(
        ({ kind, metadata }) =>
          ["Deployment", "StatefulSet", "DaemonSet"].includes(kind) && metadata.name === name,
      );
      const found = z.record(z.string(), z.string()).parse(labelsOfPods(workload));
      for (const [key, value] of Object.entries(labels)) assert.equal(found[key], value, name);
    }
  });

  it("claim the volumes that we made for them", () => {
    const claims = z.looseObject({
      spec: z.looseObject({
        volumeClaimTemplates: z.array(
          z.looseObject({
            metadata: z.looseObject({ name: z.string() }),
            spec: z.looseObject({ storageClassName: z.string() }),
          }),
        ),
      }),
    });
    const loki = of("loki").find(({ kind }) => kind === "StatefulSet");
    const [claim] = claims.parse(loki).spec.volumeClaimTemplates;
    assert.equal(`${claim?.metadata.name}-${loki?.metadata.name}-0`, CLAIMS.loki);
    assert.equal(claim?.spec.storageClassName, STORAGE_CLASS);
    const prometheus = of("kube-prometheus-stack").find(({ kind }) => kind === "Prometheus");
    assert.equal(`data-prometheus-${prometheus?.metadata.name}-0`, CLAIMS.prometheus);
  });

  it("put nothing but DaemonSets on other machines", () => {
    const placed = z.looseObject({
      spec: z.looseObject({
        template: z.looseObject({
          spec: z.looseObject({ nodeSelector: z.unknown().optional() }),
        }),
      }),
    });
    for (const object of [...objects.values()].flat()) {
      if (!["Deployment", "StatefulSet"].includes(object.kind)) continue;
      const { nodeSelector } = placed.parse(object).spec.template.spec;
      const here = { "kubernetes.io/hostname": "maple" };
      assert.deepEqual(nodeSelector, here, object.metadata.name);
    }
  });

  it("let nothing read Secrets", () => {
    const readers = [...objects.values()]
      .flat()
      .filter(({ kind }) => kind === "ClusterRole" || kind === "Role")
      .filter((role) =>
        z
          .array(ruleSchema)
          .parse(role.rules)
          .some(({ resources }) => resources?.some((kind) => RESTRICTED_KINDS.includes(kind))),
      );
    assert.deepEqual(
      readers.map(({ metadata }) => metadata.name),
      [],
    );
  });
});
