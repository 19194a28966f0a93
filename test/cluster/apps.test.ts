import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { NfsVolume } from "../../components/apps/app";
import { renderClaim, renderVolume, STORAGE_CLASSES } from "../../components/apps/storage";
import { waitFor } from "../rig/wait";
import { AddedApps } from "../support/fixtures/apps/added-apps";
import { named, type Recorded } from "../support/mocks";
import { applyCrds, parseObjects } from "./crds";
import { describeObject, type KubeObject } from "./kube-object";
import { addNodes, putToSleep, wakeUp } from "./nodes";
import { applyObjects, objectsOf, plannedNodes } from "./plan-objects";
import { makeStubbornChart } from "./stubborn-chart";
import type { TestCluster } from "./test-cluster";
import { useCluster } from "./use-cluster";

/** The charts themselves, one folder CHART each. */
const CHARTS = process.env.CHARTS_DIR ?? "";
const APPS = ["jellyfin", "minecraft", "notes", "pages"];
const STORAGE = "storagenodet3500";

const podList = z.array(
  z.looseObject({
    metadata: z.looseObject({ name: z.string(), uid: z.string() }),
    spec: z.looseObject({ nodeName: z.string().optional() }),
    status: z.looseObject({ phase: z.string() }),
  }),
);
const versioned = z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) });
const claim = z.looseObject({
  spec: z.looseObject({ volumeName: z.string() }),
  status: z.looseObject({ phase: z.string() }),
});
const scaled = z.looseObject({ spec: z.looseObject({ replicas: z.number() }) });

/** A pod that Pod Security restricted takes. */
function renderPod(name: string, namespace: string, more: object): KubeObject {
  const security = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    runAsUser: 1000,
    seccompProfile: { type: "RuntimeDefault" },
  };
  const container = { name: "x", image: "x", securityContext: security };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: { containers: [container], ...more },
  };
}

/** The apps of a stack that has all four, the fixtures among them, where a real API server judges them. */
describe("the apps", () => {
  const getCluster = useCluster();
  let cluster: TestCluster;
  let added: AddedApps | undefined;
  let graph: Recorded[];
  let objects: KubeObject[];

  before(async function () {
    cluster = getCluster();
    await applyCrds(cluster);
    await addNodes(cluster, plannedNodes());
    added = new AddedApps();
    const minecraft = { machine: "homelab", eula: true };
    const site = added.site({ machine: "homelab" }, [["apps", "minecraft"], minecraft]);
    graph = await added.record(site);
    const ours = new RegExp(`^(apps-|network-(${APPS.join("|")})(-|$))`);
    objects = objectsOf(graph)
      .filter(({ resource }) => ours.test(resource))
      .map(({ object }) => object);
    objects.push(...(await buildPages(added)));
  });

  after(() => {
    added?.remove();
  });

  /** What kustomize.v2.Directory makes of the overlay: it is the same Kustomize. */
  async function buildPages(project: AddedApps): Promise<KubeObject[]> {
    const overlay = project.at(".vmstation/kustomize/pages");
    return parseObjects((await cluster.kubectl(["kustomize", overlay])).stdout);
  }

  const podsOf = async (namespace: string) =>
    podList.parse(await cluster.api.list(`/api/v1/namespaces/${namespace}/pods`));

  /** The only pod of an app, once it runs. */
  const running = (namespace: string) =>
    waitFor(`a pod of ${namespace} to run`, async () => {
      const [pod, ...others] = await podsOf(namespace);
      return pod?.status.phase === "Running" && others.length === 0 && pod;
    });

  const cordon = (unschedulable: boolean): Promise<void> =>
    cluster.api.merge(`/api/v1/nodes/${STORAGE}`, { spec: { unschedulable } });

  it("are admitted without a warning, under Pod Security and their quota", async () => {
    assert.ok(objects.length > 50, String(objects.length));
    assert.deepEqual(await applyObjects(cluster, objects), []);
    for (const app of ["jellyfin", "notes", "pages"]) await running(app);
  });

  it("change nothing when they are applied again", async () => {
    for (const object of objects) {
      const at = await cluster.api.pathOf(object);
      // Again where a controller has just written to it, as when a claim is bound.
      await waitFor(`${describeObject(object)} to stay as it is`, async () => {
        const before = versioned.parse(await cluster.api.get(at)).metadata.resourceVersion;
        await cluster.api.apply(object);
        const after = versioned.parse(await cluster.api.get(at)).metadata.resourceVersion;
        return before === after;
      });
    }
  });

  it("run where their data is, and Jellyfin nowhere else while that machine takes nothing", async () => {
    const { metadata, spec } = await running("jellyfin");
    assert.equal(spec.nodeName, STORAGE);
    assert.equal((await running("notes")).spec.nodeName, "homelab");
    await cordon(true);
    await cluster.api.call("DELETE", `/api/v1/namespaces/jellyfin/pods/${metadata.name}`);
    const next = await waitFor("another pod", async () => {
      const [pod] = await podsOf("jellyfin");
      const refused = JSON.stringify(pod).includes('"reason":"Unschedulable"');
      return pod !== undefined && pod.metadata.uid !== metadata.uid && refused && pod;
    });
    assert.equal(next.spec.nodeName, undefined);
    await cordon(false);
    assert.equal((await running("jellyfin")).spec.nodeName, STORAGE);
  });

  it("bind whatever mounts their data to its machine, without a selector of its own", async () => {
    const volumes = [
      { name: "media", persistentVolumeClaim: { claimName: "media", readOnly: true } },
    ];
    const pod = renderPod("looks-at-media", "jellyfin", { volumes });
    await cluster.api.apply(pod);
    const at = await cluster.api.pathOf(pod);
    const placed = z.looseObject({ spec: z.looseObject({ nodeName: z.string() }) });
    const found = await waitFor("its place", async () => {
      return placed.safeParse(await cluster.api.get(at)).data;
    });
    assert.equal(found.spec.nodeName, STORAGE);
    await cluster.api.call("DELETE", `${at}?gracePeriodSeconds=0`);
  });

  it("may mount what another machine exports, by a volume for one claim alone", async () => {
    const media: NfsVolume = {
      kind: "nfs",
      name: "films",
      path: "apps.pages.films",
      size: 2 ** 40,
      server: STORAGE,
      directory: "/srv/media",
      readOnly: true,
    };
    const context = { app: "pages", machine: "masternode", addressOf: () => "192.168.4.61" };
    const volume = { name: "pages-films" };
    const claims = { name: "films", namespace: "pages" };
    const storageClass = {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: STORAGE_CLASSES.nfs },
      provisioner: "kubernetes.io/no-provisioner",
    };
    const made = [
      storageClass,
      {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: volume,
        spec: renderVolume(media, context),
      },
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: claims,
        spec: renderClaim(media, "pages"),
      },
    ];
    assert.deepEqual(await applyObjects(cluster, made), []);
    const at = "/api/v1/namespaces/pages/persistentvolumeclaims/films";
    await waitFor("its claim to be bound", async () => {
      return claim.parse(await cluster.api.get(at)).status.phase === "Bound";
    });
  });

  it("keep their pods while their machine sleeps, when others are sent away", async () => {
    const { uid } = (await running("jellyfin")).metadata;
    const other = renderPod("other", "default", {
      nodeName: STORAGE,
      tolerations: [
        {
          key: "node.kubernetes.io/unreachable",
          operator: "Exists",
          effect: "NoExecute",
          tolerationSeconds: 1,
        },
      ],
    });
    await cluster.api.apply(other);
    const at = await cluster.api.pathOf(other);
    await putToSleep(cluster, STORAGE);
    // Nobody on the machine can end it before that wakes.
    await waitFor("the other pod to be evicted", async () => {
      return JSON.stringify(await cluster.api.get(at)).includes('"deletionTimestamp"');
    });
    assert.equal((await podsOf("jellyfin"))[0]?.metadata.uid, uid);
    await wakeUp(cluster, STORAGE);
  });

  it("go without a trace but their data, and find that again when they come back", async () => {
    const notes = objects.filter(({ metadata }) =>
      [metadata.namespace, metadata.name].some((name) => /^notes(-notes)?$/.test(name ?? "")),
    );
    const paths = await Promise.all(notes.map((object) => cluster.api.pathOf(object)));
    const claimPath = "/api/v1/namespaces/notes/persistentvolumeclaims/notes";
    const volumePath = "/api/v1/persistentvolumes/notes-notes";
    const first = claim.parse(await cluster.api.get(claimPath));
    // As `pulumi up` does: what was made last goes first.
    for (const each of paths.reverse()) {
      const { status } = await cluster.api.send("DELETE", each);
      assert.ok(status < 400 || status === 404, `${each}: ${status}`);
    }
    for (const each of [...paths, claimPath, volumePath]) {
      await waitFor(`${each} to be gone`, async () => {
        return (await cluster.api.send("GET", each)).status === 404;
      });
    }
    assert.deepEqual(await applyObjects(cluster, notes), []);
    const again = await waitFor("its claim to be bound", async () => {
      const found = claim.parse(await cluster.api.get(claimPath));
      return found.status.phase === "Bound" && found;
    });
    assert.equal(again.spec.volumeName, first.spec.volumeName);
    assert.match(JSON.stringify(await cluster.api.get(volumePath)), /"path":"\/var\/lib\/notes"/);
    assert.equal((await running("notes")).spec.nodeName, "homelab");
  });

  describe("Minecraft's chart", () => {
    const chart = path.join(CHARTS, "minecraft");
    const deployment = "/apis/apps/v1/namespaces/minecraft/deployments/minecraft";
    let values: string;

    before(function () {
      if (CHARTS === "" || !existsSync(path.join(chart, "Chart.yaml"))) {
        console.log("    pending: CHARTS_DIR names no folder with the chart minecraft");
        this.skip();
      }
      values = path.join(cluster.folder, "minecraft.json");
      const { inputs } = named(graph, "apps-minecraft-release");
      writeFileSync(values, JSON.stringify(inputs.values));
    });

    const release = (verb: string, ...more: string[]) => {
      const { postrender } = named(graph, "apps-minecraft-release").inputs;
      const own = ["-n", "minecraft", "-f", values, "--post-renderer", String(postrender)];
      return cluster.helm([verb, "minecraft", chart, ...own, ...more]);
    };

    it("is admitted without a warning, and its world binds it to its machine", async () => {
      const rendered = parseObjects((await release("template")).stdout);
      assert.deepEqual(
        (
          await Promise.all(rendered.map((each) => cluster.api.apply(each, { dryRun: true })))
        ).flat(),
        [],
      );
      await release("install");
      assert.equal((await running("minecraft")).spec.nodeName, "homelab");
      assert.equal(scaled.parse(await cluster.api.get(deployment)).spec.replicas, 1);
    });

    it("is updated without more pods than the power layer left it", async () => {
      await cluster.api.merge(`${deployment}/scale`, { spec: { replicas: 0 } });
      await release("upgrade", "--set", "minecraftServer.motd=another");
      assert.equal(scaled.parse(await cluster.api.get(deployment)).spec.replicas, 0);
    });
  });

  describe("a chart that writes `replicas` whatever its values say", () => {
    const deployment = "/apis/apps/v1/namespaces/default/deployments/stubborn";
    let chart: string;

    before(() => {
      chart = makeStubbornChart(cluster, "stubborn", "1.0.0");
    });

    /** Upgrades it after its pods were scaled to 0, and returns how many there are to be then. */
    async function upgraded(note: string, ...more: string[]): Promise<number> {
      const values = ["--set", `note=${note}`, "--set", "replicaCount=null", ...more];
      await cluster.helm(["upgrade", "--install", "stubborn", chart, ...values]);
      await cluster.api.merge(`${deployment}/scale`, { spec: { replicas: 0 } });
      await cluster.helm(["upgrade", "stubborn", chart, ...values, "--set", `note=${note}-again`]);
      return scaled.parse(await cluster.api.get(deployment)).spec.replicas;
    }

    it("leaves them to the power layer by way of the post-renderer, and by no value", async () => {
      const { postrender } = named(graph, "apps-minecraft-release").inputs;
      assert.equal(await upgraded("with", "--post-renderer", String(postrender)), 0);
      assert.equal(await upgraded("without"), 1);
    });
  });
});
