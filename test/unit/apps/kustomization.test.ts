import assert from "node:assert/strict";
import { renderOverlay } from "../../../components/apps/frame/kustomization";
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
    const specs = [true, false].map((sleeps): unknown =>
      Reflect.get(Object(patches(sleeps)[1]), "spec"),
    );
    assert.deepEqual(specs, [
      { type: "ClusterIP", ports: [{ port: 80, protocol: "TCP", nodePort: null }] },
      { type: "NodePort", ports: [{ port: 80, protocol: "TCP", nodePort: 30_089 }] },
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

  it("changes what the app's configuration changes last", () => {
    const change = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "pages" }, data: {} };
    assert.deepEqual(patches(true, [change])[2], change);
  });
});
