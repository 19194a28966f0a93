import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readSite } from "../../scripts/kit/ssh/operator";
import { loadProject } from "../../scripts/kit/stack-file/project";
import type { EngineLab } from "../engine/engine-lab";
import { openLab } from "../engine/use-engine";
import { waitFor } from "../rig/wait";
import { EXAMPLE, readThirdApp } from "../scripts/app/third-app";
import { vmstation } from "../support/command-line";
import { applyCrds } from "./crds";
import { addNodes } from "./nodes";
import type { TestCluster } from "./test-cluster";
import { useCluster } from "./use-cluster";

const PROGRAM = "test/support/fixtures/apps/configured-program.ts";
const STACK = { stack: "home", configFile: EXAMPLE };
const [ADD = [], ...REST] = readThirdApp().words;

const KEPT = {
  ...{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "kept" } },
  ...{ provisioner: "kubernetes.io/no-provisioner", reclaimPolicy: "Retain" },
};
const VOLUME = {
  ...{ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "links-pages" } },
  spec: {
    ...{ storageClassName: "kept", capacity: { storage: "10Gi" } },
    ...{ accessModes: ["ReadWriteOnce"], persistentVolumeReclaimPolicy: "Retain" },
    claimRef: { namespace: "links", name: "pages" },
    hostPath: { path: "/var/lib/links" },
  },
};

describe("adding an app of one's own as docs/apps.md says, by the engine", function () {
  this.bail(true);
  // A preview of a whole stack, and two updates.
  this.timeout(600_000);
  const getCluster = useCluster();
  let cluster: TestCluster;
  /** The program itself, of which no machine is there; and its apps, for the cluster that is. */
  let labs: readonly EngineLab[] = [];

  const running = (): Promise<unknown> =>
    waitFor("a pod of links on nas", async () => {
      const pods = JSON.stringify(await cluster.api.list("/api/v1/namespaces/links/pods"));
      return pods.includes('"nodeName":"nas"') && pods.includes('"phase":"Running"');
    });
  const type = async (words: readonly string[]): Promise<void> => {
    for (const lab of labs) {
      const { status, stdout, stderr } = await vmstation("-C", lab.folder, ...words);
      assert.equal(status, 0, stdout + stderr);
    }
  };
  const up = async (): Promise<void> => {
    const { code, output } = (await labs[1]?.verb(["up", "--yes"])) ?? assert.fail();
    assert.equal(code, 0, output);
  };

  before(async function () {
    cluster = getCluster();
    const file = path.join(cluster.folder, "third.json");
    const env = { VMSTATION_TEST_APPS: file };
    labs = [await openLab(this, STACK), await openLab(this, { ...STACK, program: PROGRAM, env })];
    const folder = labs[1]?.folder ?? assert.fail();
    const kubeconfig = readFileSync(cluster.kubeconfig, "utf8");
    writeFileSync(file, JSON.stringify({ kubeconfig, home: { folder, app: "links" } }));
    await applyCrds(cluster);
    const { machines } = readSite(loadProject(folder), "home");
    const nodes = machines.map(({ name, address, labels, taints }) => {
      return { name, address, labels, taints };
    });
    await addNodes(cluster, nodes);
    for (const object of [KEPT, VOLUME]) await cluster.api.apply(object);
  });
  after(() => {
    for (const lab of labs) lab.remove();
  });

  it("is written and looked at: the preview of the stack has it", async () => {
    await type(ADD);
    assert.deepEqual(REST, [["preview"], ["up"]]);
    const { code, output } = (await labs[0]?.verb(["preview"])) ?? assert.fail();
    assert.equal(code, 0, output);
    for (const name of ["network-links", "apps-links-service-links", "apps-links-deployment-links"])
      assert.ok(output.includes(name), output);
  });

  it("runs on its machine after the update; its port is held by the machine that is always on", async () => {
    await up();
    await running();
    const service = await cluster.api.get("/api/v1/namespaces/links/services/links");
    assert.match(JSON.stringify(service), /"port":80,.*"type":"ClusterIP"/);
  });

  it("is gone after it was taken out, and its volume is not", async () => {
    await type(["app", "remove", "links", "--yes"]);
    await up();
    assert.equal((await cluster.api.send("GET", "/api/v1/namespaces/links")).status, 404);
    const volume = await cluster.api.get("/api/v1/persistentvolumes/links-pages");
    assert.match(JSON.stringify(volume), /"phase":"Released"/);
  });
});
