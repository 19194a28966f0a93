import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { jellyfin as app } from "../../../components/apps/jellyfin/jellyfin";
import { renderStatefulSet } from "../../../components/apps/jellyfin/workload";
import {
  heapSize,
  renderMinecraftValues,
  renderVersion,
} from "../../../components/apps/minecraft/release";
import { renderLimitRange, renderQuota } from "../../../components/apps/frame/quota";
import { renderAppService } from "../../../components/apps/frame/service";
import { renderImage } from "../../../components/apps/frame/sources";
import { appCharts, appImages } from "../../../components/versions";
import { frame } from "./frame";
import { appsConfig, appSite } from "./settings";

const config = appsConfig();
const { jellyfin, minecraft } = config;
assert.ok(jellyfin && minecraft);

describe("Jellyfin", () => {
  const asleep = frame("jellyfin", "spruce", true);
  const spec = z
    .looseObject({
      template: z.object({
        metadata: z.object({ labels: z.record(z.string(), z.string()) }),
        spec: z.looseObject({
          nodeSelector: z.record(z.string(), z.string()),
          tolerations: z.array(z.record(z.string(), z.string())),
          securityContext: z.record(z.string(), z.unknown()),
          containers: z.array(z.looseObject({ name: z.string() })),
          initContainers: z.array(z.looseObject({ name: z.string() })),
          volumes: z.array(z.looseObject({ name: z.string() })),
        }),
      }),
    })
    .parse(renderStatefulSet(jellyfin, asleep));
  const { metadata, spec: pod } = spec.template;
  const [server] = pod.containers;

  it("stays on its machine, marked, for as long as that sleeps", () => {
    assert.deepEqual(pod.nodeSelector, { "kubernetes.io/hostname": "spruce" });
    assert.equal(metadata.labels["vmstation.io/sleeps-with"], "spruce");
    assert.ok(pod.tolerations.every((t) => !("tolerationSeconds" in t)));
  });

  it("leaves the number of its pods to the power layer", () => {
    assert.ok(!("replicas" in spec));
  });

  it("only reads the media, and keeps the rest on its own volumes", () => {
    assert.deepEqual(server?.volumeMounts, [
      { name: "config", mountPath: "/config" },
      { name: "media", mountPath: "/media", readOnly: true },
      { name: "cache", mountPath: "/cache" },
      { name: "tmp", mountPath: "/tmp" },
    ]);
    assert.deepEqual(pod.volumes[2], { name: "cache", emptyDir: { sizeLimit: "10Gi" } });
  });

  it("has the owner's requests and limits, and at least three minutes to start", () => {
    assert.deepEqual(server?.resources, {
      requests: { cpu: "2", memory: "1Gi" },
      limits: { cpu: "6", memory: "3Gi" },
    });
    const probe = z
      .object({ periodSeconds: z.number(), failureThreshold: z.number() })
      .parse(server.startupProbe);
    assert.ok(probe.periodSeconds * probe.failureThreshold >= 180);
  });

  it("satisfies Pod Security restricted in each container", () => {
    assert.equal(pod.securityContext.runAsUser, 1000);
    for (const container of [...pod.containers, ...pod.initContainers]) {
      assert.deepEqual(
        container.securityContext,
        {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          seccompProfile: { type: "RuntimeDefault" },
        },
        container.name,
      );
    }
  });

  it("gets a GPU from a device plugin, and its group, where it is configured", () => {
    const hardwareTranscoding = { resource: "gpu.intel.com/i915", group: 105 };
    const text = JSON.stringify(renderStatefulSet({ ...jellyfin, hardwareTranscoding }, asleep));
    assert.match(text, /"limits":\{"cpu":"6","memory":"3Gi","gpu\.intel\.com\/i915":"1"\}/);
    assert.match(text, /"supplementalGroups":\[105\]/);
  });

  it("opens NodePorts only where its machine never sleeps", () => {
    const port = { port: 8096, protocol: "TCP", name: "http", targetPort: "http" };
    const { ports } = app.plan(jellyfin, appSite);
    const of = (sleeps: boolean) => renderAppService(ports, frame("jellyfin", "m", sleeps));
    const first = z.object({ type: z.string(), ports: z.array(z.unknown()) });
    assert.equal(first.parse(of(true)).type, "ClusterIP");
    assert.deepEqual(first.parse(of(true)).ports[0], port);
    assert.deepEqual(first.parse(of(false)).ports[0], { ...port, nodePort: 30_096 });
  });
});

describe("Minecraft", () => {
  const values = (sleeps: boolean) =>
    renderMinecraftValues(minecraft, frame("minecraft", "hazel", sleeps));

  it("leaves a quarter of its memory limit to the JVM beside the heap", () => {
    assert.equal(heapSize(4 * 2 ** 30), 3072);
    assert.match(JSON.stringify(values(true)), /"memory":"3072M"/);
  });

  it("leaves the number of its pods to the power layer", () => {
    assert.equal(values(true).replicaCount, null);
  });

  it("packs its world before anything else opens it: another game, kind, image or chart", () => {
    const label = renderVersion(minecraft);
    assert.equal(
      label,
      `1.21.11-VANILLA-${appImages.minecraft.tag}-${appCharts.minecraft.version}`,
    );
    assert.notEqual(renderVersion({ ...minecraft, version: "1.21.12" }), label);
    assert.notEqual(renderVersion({ ...minecraft, type: "PAPER" }), label);
    assert.ok(JSON.stringify(values(true).initContainers).includes(`"/data","${label}"]`));
    assert.equal(values(true).strategyType, "Recreate");
  });

  it("repeats no label that the chart sets, which would be a key twice", () => {
    assert.deepEqual(values(true).podLabels, {
      "app.kubernetes.io/part-of": "vmstation",
      "vmstation.io/sleeps-with": "hazel",
    });
  });

  it("holds no password", () => {
    assert.match(
      JSON.stringify(values(false)),
      /"rcon":\{"enabled":true,"existingSecret":"minecraft-rcon"/,
    );
    assert.doesNotMatch(JSON.stringify(values(false)), /"password"/);
  });

  it("sets only keys that the chart knows", function () {
    const charts = process.env.CHARTS_DIR ?? "";
    const file = path.join(charts, "minecraft", "values.yaml");
    if (charts === "" || !fs.existsSync(file)) {
      console.log("      pending: CHARTS_DIR names no folder with the chart minecraft");
      this.skip();
    }
    const known: unknown = parse(fs.readFileSync(file, "utf8"));
    assert.deepEqual(unknownKeys(values(false), known, ""), []);
  });
});

// Maps whose keys are the user's, or commented out in the chart's values.
const OPEN =
  /^\.(podSecurityContext|securityContext|resources|nodeSelector|extraPodSpec|podLabels|deploymentLabels)\.|^\.persistence\.dataDir\.existingClaim$/;

function unknownKeys(values: unknown, known: unknown, at: string): string[] {
  const map = z.record(z.string(), z.unknown());
  const ours = map.safeParse(values);
  const theirs = map.safeParse(known);
  if (!ours.success) return [];
  return Object.entries(ours.data).flatMap(([key, value]) => {
    const name = `${at}.${key}`;
    if (OPEN.test(name)) return [];
    if (!theirs.success || !(key in theirs.data)) return [name];
    return unknownKeys(value, theirs.data[key], name);
  });
}

describe("an app's quota", () => {
  it("is the owner's, and gives containers that say nothing a size", () => {
    assert.deepEqual(renderQuota(config.quota), {
      hard: {
        "requests.cpu": "4",
        "requests.memory": "8Gi",
        "limits.cpu": "8",
        "limits.memory": "16Gi",
        pods: "20",
      },
    });
    const [limits] = renderLimitRange(config.quota).limits;
    assert.deepEqual(limits?.max, { cpu: "8", memory: "16Gi" });
    assert.ok(limits.default.memory && limits.defaultRequest.cpu);
  });
});

describe("where charts and images come from", () => {
  const image = { repository: "docker.io/jellyfin/jellyfin", tag: "1.0", unpinned: "a test" };

  it("is their publishers, or one mirror for all", () => {
    const mirror = {
      timeout: 1,
      imageRegistry: "mirror.lan:5000/hub",
      repository: "oci://mirror.lan/charts",
    };
    assert.equal(renderImage(image, { timeout: 1 }), "docker.io/jellyfin/jellyfin:1.0");
    assert.equal(renderImage(image, mirror), "mirror.lan:5000/hub/jellyfin/jellyfin:1.0");
    const { repository, tag } = image;
    assert.equal(
      renderImage({ repository, tag, digest: "sha256:abc" }, mirror),
      "mirror.lan:5000/hub/jellyfin/jellyfin:1.0@sha256:abc",
    );
  });
});
