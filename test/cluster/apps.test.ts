import assert from "node:assert/strict";
import { z } from "zod";
import type { NfsVolume } from "../../components/apps/frame/app";
import { renderClaim, renderVolume, STORAGE_CLASSES } from "../../components/apps/frame/storage";
import { waitFor } from "../rig/wait";
import { AppsLab, FROM_THE_FILE, renderPod } from "./apps-lab";
import { describeObject, type KubeObject } from "./kube-object";
import { putToSleep, wakeUp } from "./nodes";
import { applyObjects } from "./plan-objects";
import type { TestCluster } from "./test-cluster";
import { useCluster } from "./use-cluster";

const STORAGE = "spruce";

const versioned = z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) });
const claim = z.looseObject({
  spec: z.looseObject({ volumeName: z.string() }),
  status: z.looseObject({ phase: z.string() }),
});

/** The node controller takes ten seconds on a quiet machine; on a busy one it comes late. */
const BUSY = 120_000;

/** The apps of a stack that has them all, where a real API server judges them: ours, the fixtures, the file's own. */
describe("the apps", () => {
  const getCluster = useCluster();
  let cluster: TestCluster;
  let lab: AppsLab | undefined;
  let objects: readonly KubeObject[];

  before(async () => {
    cluster = getCluster();
    lab = await AppsLab.open(cluster);
    ({ objects } = lab);
  });
  after(() => lab?.remove());

  const apps = (): AppsLab => {
    assert.ok(lab);
    return lab;
  };
  const podsOf = (namespace: string) => apps().podsOf(namespace);
  const running = (namespace: string) => apps().running(namespace);
  const cordon = (unschedulable: boolean): Promise<void> =>
    cluster.api.merge(`/api/v1/nodes/${STORAGE}`, { spec: { unschedulable } });

  /**
   * What the server has of an object right before and right after it is applied again. Controllers write to it as
   * well (a claim is bound, a status goes on), so the version that was read goes along: where somebody else has
   * written since, the server refuses (409) without applying anything, and both are done again.
   */
  function applyAgain(object: KubeObject): Promise<[before: unknown, after: unknown]> {
    return waitFor(`${describeObject(object)} to be nobody else's for a moment`, async () => {
      const before = await cluster.api.read(object);
      const { resourceVersion } = versioned.parse(before).metadata;
      assert.match(resourceVersion, /^\d+$/);
      const metadata = { ...object.metadata, resourceVersion };
      const { status, body } = await cluster.api.sendApply({ ...object, metadata });
      if (status === 409) return undefined;
      assert.equal(status, 200, JSON.stringify(body));
      return [before, body];
    });
  }

  it("are admitted without a warning, under Pod Security and their quota", async () => {
    assert.ok(objects.length > 50, String(objects.length));
    assert.deepEqual(await applyObjects(cluster, objects), []);
    for (const app of ["jellyfin", "notes", "pages", ...FROM_THE_FILE]) await running(app);
  });

  it("change nothing when they are applied again", async () => {
    for (const object of objects) {
      const [before, after] = await applyAgain(object);
      assert.deepEqual(after, before, describeObject(object));
    }
  });

  it("run where their data is, and Jellyfin nowhere else while that machine takes nothing", async () => {
    const { metadata, spec } = await running("jellyfin");
    assert.equal(spec.nodeName, STORAGE);
    assert.equal((await running("notes")).spec.nodeName, "hazel");
    for (const app of FROM_THE_FILE) assert.equal((await running(app)).spec.nodeName, STORAGE);
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
    const context = { app: "pages", machine: "maple", addressOf: () => "192.168.8.61" };
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
    const kept = ["jellyfin", ...FROM_THE_FILE];
    const uids = () => Promise.all(kept.map(async (app) => (await podsOf(app))[0]?.metadata.uid));
    for (const app of kept) await running(app);
    const before = await uids();
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
    await waitFor(
      "the other pod to be evicted",
      async () => {
        return JSON.stringify(await cluster.api.get(at)).includes('"deletionTimestamp"');
      },
      BUSY,
    );
    assert.deepEqual(await uids(), before);
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
    assert.equal((await running("notes")).spec.nodeName, "hazel");
  });
});
