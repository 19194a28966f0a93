import assert from "node:assert/strict";
import { parse } from "yaml";
import { renderClasses } from "../../../components/platform/storage/classes";
import { storageSchema } from "../../../components/platform/storage/config";
import { renderData } from "../../../components/platform/storage/local";
import { renderCephRelease } from "../../../components/platform/storage/render-values";
import { parseKey } from "../../../components/platform/storage/storage";
import { listOpenQuestions } from "../../../stacks/open-questions";
import { HYPERVISOR } from "../../support/hypervisor";
import { homelabSite } from "../../support/site";
import type { Change } from "../../support/homelab";
import { named, type Recorded } from "../../support/mocks";
import { recordStack, SECRETS } from "../../support/stack";
import { platformSite } from "./sites";
import { CEPH, CEPH_KEY, LOCAL, NFS, STORAGE } from "./storage-sites";

const site = (...changes: Change[]) => homelabSite(...STORAGE, ...changes);

/** What a resource's inputs say at a path of keys. */
function at(resource: Recorded, ...keys: string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? (Reflect.get(value, key) as unknown)
        : undefined,
    resource.inputs,
  );
}

describe("the platform's storage", () => {
  let graph: Recorded[];
  before(async () => {
    graph = await recordStack(
      site(
        [["apps", "jellyfin", "config"], { storageClass: "local", size: "5Gi" }],
        [["apps", "minecraft"], undefined],
        [["monitoring", "storageClass"], "ceph-rbd"],
      ),
      { ...SECRETS, cephKey: CEPH_KEY },
    );
  });

  it("keeps what a claim held when the claim goes, whatever the class", () => {
    for (const name of ["local", "nfs", "ceph-rbd"]) {
      const found = named(graph, `platform-storage-class-${name}`);
      assert.equal(found.inputs.reclaimPolicy, "Retain", name);
    }
    assert.equal(
      at(named(graph, "platform-storage-class-nfs"), "parameters", "onDelete"),
      "retain",
    );
    assert.doesNotMatch(
      renderData(storageSchema.parse({ local: LOCAL }).local ?? assert.fail(), {}).teardown ?? "",
      /^\s*rm /m,
    );
  });

  it("finds a claim's data again by its name: in the same folder, local or on NFS", () => {
    const config = storageSchema.parse({ local: LOCAL, nfs: NFS });
    const [local, nfs] = renderClasses(config, "192.168.8.63");
    assert.deepEqual(local?.parameters, {
      pathPattern: "{{ .PVC.Namespace }}_{{ .PVC.Name }}",
      allowUnsafePathPattern: "true",
    });
    const parameters: unknown = nfs?.parameters;
    assert.match(
      JSON.stringify(parameters),
      /\$\{pvc\.metadata\.namespace\}_\$\{pvc\.metadata\.name\}/,
    );
  });

  it("makes local volumes only on the machines that are named", () => {
    const data = renderData(storageSchema.parse({ local: LOCAL }).local ?? assert.fail(), {});
    assert.deepEqual(JSON.parse(data["config.json"] ?? ""), {
      nodePathMap: [
        { node: "maple", paths: ["/srv/volumes"] },
        { node: "spruce", paths: ["/srv/volumes"] },
      ],
    });
    const helper = parse(data["helperPod.yaml"] ?? "") as {
      spec: { containers: [{ image: string }] };
    };
    assert.match(helper.spec.containers[0].image, /busybox:.*@sha256:/);
    const folders = graph.filter(({ name }) => name.startsWith("platform-storage-folder-"));
    assert.deepEqual(folders.map(({ name }) => name).sort(), [
      "platform-storage-folder-local-maple",
      "platform-storage-folder-local-spruce",
      "platform-storage-folder-nfs-maple",
    ]);
  });

  it("gives an app and monitoring claims of a class, and no volumes of ours", () => {
    const claim = named(graph, "apps-jellyfin-config-claim");
    assert.equal(at(claim, "spec", "storageClassName"), "local");
    assert.equal(at(claim, "spec", "volumeName"), undefined);
    const prometheus = named(graph, "monitoring-prometheus-claim");
    assert.equal(at(prometheus, "spec", "storageClassName"), "ceph-rbd");
    const names = graph.map(({ name }) => name);
    assert.ok(!names.includes("apps-jellyfin-config-volume"));
    assert.ok(!names.includes("monitoring-volume-folders"));
    // A new file system is root's: the app's group gets it.
    const pod = at(named(graph, "apps-jellyfin-server"), "spec", "template", "spec");
    assert.match(JSON.stringify(pod), /"fsGroup":\d+/);
  });

  it("backs up claims whose folders are here, and asks about the others", () => {
    const { facts } = site(
      [["apps", "jellyfin", "config"], { storageClass: "local" }],
      [["monitoring", "storageClass"], "ceph-rbd"],
    );
    const jellyfin = facts.backups.find(({ name }) => name === "jellyfin-config");
    assert.equal(jellyfin?.machine, "spruce");
    assert.equal(jellyfin.directory, "/srv/volumes/jellyfin_config");
    assert.ok(!facts.backups.some(({ name }) => name === "grafana"));
    const questions = facts.openQuestions.map(({ message }) => message).join("\n");
    assert.match(questions, /do not hold the data of Grafana .* ceph-rbd/);
  });

  it("asks whether the volumes have the pool of the hypervisor's disks", () => {
    const asked = (pool: string): string[] =>
      listOpenQuestions(
        platformSite({ storage: { ceph: { ...CEPH, pool } } }, [
          ["hypervisor"],
          structuredClone(HYPERVISOR),
        ]),
        "test",
        () => true,
      ).flatMap(({ path, message }) => (path.endsWith("ceph.pool") ? [message] : []));
    assert.match(
      asked(HYPERVISOR.storage).join(),
      /^ceph-pool is vmstation:hypervisor\.storage as well/,
    );
    assert.deepEqual(asked("kubernetes"), []);
  });

  it("makes each class where what it needs is there, whatever became of the others", () => {
    const needs = (name: string): string[] => [
      ...named(graph, `platform-storage-class-${name}`).dependencies,
    ];
    assert.deepEqual(needs("local"), [
      "platform-storage-folder-local-maple",
      "platform-storage-folder-local-spruce",
      "platform-storage-local-provisioner",
    ]);
    assert.deepEqual(needs("nfs"), [
      "platform-storage-csi-driver-nfs",
      "platform-storage-folder-nfs-maple",
    ]);
    assert.deepEqual(needs("ceph-rbd"), [
      "platform-storage-ceph-client",
      "platform-storage-ceph-csi-rbd",
      "platform-storage-ceph-monitors-maple",
    ]);
  });

  it("keeps waiting who may use a class, and nobody for what nobody uses", () => {
    const layer = /^(?:monitoring|power|apps|backup)-/;
    const needed = graph
      .filter(({ name }) => layer.test(name))
      .flatMap(({ dependencies }) => dependencies.filter((name) => name.startsWith("platform-")));
    assert.deepEqual(
      [...new Set(needed)].sort(),
      ["ceph-rbd", "local"].map((name) => `platform-storage-class-${name}`),
    );
    const last = graph.filter(({ name }) => name.startsWith("validation-"));
    assert.ok(last.some((each) => each.dependencies.includes("platform-storage-class-nfs")));
  });

  it("hands Ceph's key over as a Secret alone", () => {
    const secret = named(graph, "platform-storage-ceph-client");
    assert.deepEqual(secret.secretInputs, ["stringData"]);
    const ceph = storageSchema.parse({ ceph: CEPH }).ceph ?? assert.fail();
    const { values } = renderCephRelease(ceph, { steady: ["maple"], charts: {} });
    assert.match(JSON.stringify(values), /"secret":{"create":false}/);
    const plain = graph.filter(({ name }) => name !== "platform-storage-ceph-client");
    assert.ok(!JSON.stringify(plain).includes(CEPH_KEY));
  });

  it("refuses a key of another form, and does not show it", () => {
    const ceph = { user: "kubernetes", keySecret: "cephKey" };
    assert.equal(parseKey(`${CEPH_KEY}\n`, ceph), CEPH_KEY);
    assert.throws(
      () => parseKey("[client.kubernetes]\n\tkey = S3CRET", ceph),
      (error: Error) =>
        /vmstation:cephKey .*ceph auth get-key client\.kubernetes/.test(error.message) &&
        !error.message.includes("S3CRET"),
    );
  });

  it("is not there in a stack that does not name it", async () => {
    const names = (await recordStack(homelabSite())).map(({ name }) => name);
    assert.ok(!names.some((name) => name.startsWith("platform")));
  });
});
