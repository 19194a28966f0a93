import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { renderOverlay, renderServicePatches } from "../../../components/apps/frame/kustomization";
import { renderLabels, renderPlacement } from "../../../components/apps/frame/placement";
import { frame } from "./frame";

const args = {
  folder: "/x/pages",
  workload: { kind: "Deployment", name: "web" },
  service: "front",
  ports: [
    { name: "http", port: 80, nodePort: 30_089, path: "apps.pages.nodePort", speaks: "http" },
  ],
  images: ["docker.io/library/busybox"],
} as const;

const patches = (sleeps: boolean, more: readonly object[] = []): unknown[] =>
  renderOverlay(
    { ...args, patches: more },
    frame("pages", "hazel", sleeps),
    "../pages",
  ).patches.map(({ patch }): unknown => JSON.parse(patch));

describe("the overlay of an app that is a Kustomize folder", () => {
  it("keeps its pods on their machine, marked, and takes the folder's replicas out", () => {
    const overlay = renderOverlay(args, frame("pages", "hazel", true), "../pages");
    assert.deepEqual(overlay.labels, [
      {
        pairs: renderLabels("pages", "hazel", true),
        includeSelectors: false,
        includeTemplates: true,
      },
    ]);
    assert.deepEqual(patches(true)[0], {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: { replicas: null, template: { spec: renderPlacement("hazel", true) } },
    });
  });

  it("leaves the port to the control plane while the machine sleeps, else opens its NodePort", () => {
    const specs = [true, false].map((sleeps): unknown[] =>
      [1, 2].map((i) => Reflect.get(Object(patches(sleeps)[i]), "spec") as unknown),
    );
    assert.deepEqual(specs, [
      [
        { type: "ClusterIP", ports: [{ port: 80, nodePort: null }] },
        { type: "ClusterIP", ports: [{ port: 80, protocol: "TCP", nodePort: null }] },
      ],
      [
        { type: "NodePort", ports: [{ port: 80, nodePort: 30_089 }] },
        { type: "NodePort", ports: [{ port: 80, protocol: "TCP", nodePort: 30_089 }] },
      ],
    ]);
  });

  it("takes images from the mirror where there is one", () => {
    const mirrored = {
      ...frame("pages", "hazel", true),
      sources: { timeout: 900, imageRegistry: "mirror.lan:5000" },
    };
    assert.deepEqual(renderOverlay(args, mirrored, "../pages").images, [
      { name: "docker.io/library/busybox", newName: "mirror.lan:5000/library/busybox" },
    ]);
  });

  it("opens a port whether the folder names its protocol or not, as the real Kustomize says", function () {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-kustomize-"));
    const service = { apiVersion: "v1", kind: "Service", metadata: { name: "front" } };
    const ports = [{ port: 80 }, { port: 81, protocol: "TCP" }];
    const nodePorts = ports.map(({ port }) => ({ port, nodePort: 30_000 + port }));
    const found = renderServicePatches({ name: "front", type: "NodePort" }, nodePorts);
    const overlay = {
      resources: ["service.yaml"],
      patches: found.map((patch) => ({ patch: JSON.stringify(patch) })),
    };
    const write = (name: string, value: object): void => {
      fs.writeFileSync(path.join(folder, name), JSON.stringify(value));
    };
    write("service.yaml", { ...service, spec: { ports } });
    write("kustomization.yaml", overlay);
    const made = spawnSync("kubectl", ["kustomize", folder], { encoding: "utf8" });
    fs.rmSync(folder, { recursive: true });
    if (made.error !== undefined) {
      console.log("    pending: there is no kubectl");
      this.skip();
    }
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.stdout, /nodePort: 30080\n {4}port: 80\n/);
    assert.match(made.stdout, /nodePort: 30081\n {4}port: 81\n/);
  });

  it("changes what the app's configuration changes last", () => {
    const change = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "pages" }, data: {} };
    assert.deepEqual(patches(true, [change])[3], change);
  });
});
