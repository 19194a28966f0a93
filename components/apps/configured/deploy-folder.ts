import * as path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { AppFrame } from "../frame/app";
import { createOverlay, renderServicePatches } from "../frame/kustomization";
import { mirrorImage, type FrameValues } from "./into-frame";
import { readKustomization } from "./kustomization";
import { textAt, type KubeObject } from "./objects";
import { containersOf, podSpecOf, templatePath } from "./pods";
import type { KustomizeConfig } from "./schema";

/** The folder under an overlay that puts whatever it makes into the app's frame. */
export function deployFolder(
  config: KustomizeConfig,
  values: FrameValues,
  frame: AppFrame,
  { project, secrets }: { readonly project: string; readonly secrets: readonly pulumi.Resource[] },
): void {
  const { reading } = readKustomization(config.folder, project);
  const objects = reading.objects.map(({ object }) => object);
  const folder = path.join(project, config.folder);
  createOverlay((base) => renderFolderOverlay(base, objects, values), folder, frame, secrets);
}

/** The overlay's kustomization: patches by kind, as names may be made by the folder's own prefixes. */
export function renderFolderOverlay(
  base: string,
  objects: readonly KubeObject[],
  values: FrameValues,
) {
  const { registry, images } = { registry: values.imageRegistry, images: listImages(objects) };
  return {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    namespace: values.namespace,
    resources: [base],
    labels: [{ pairs: values.labels, includeSelectors: false, includeTemplates: true }],
    images:
      registry === undefined
        ? []
        : images.map((name) => ({ name, newName: mirrorImage(name, registry) })),
    patches: [
      ...renderPlacements(objects, values),
      ...renderScaled(values),
      ...renderServices(values),
    ],
  };
}

const target = (kind: string, name?: string) => ({
  target: name === undefined ? { kind } : { kind, name },
  options: { allowNameChange: false },
});

/** A merge patch for all objects of a kind: its own name is not looked at. */
function renderPlacements(objects: readonly KubeObject[], { placement }: FrameValues): object[] {
  const kinds = [...new Set(objects.map(({ kind }) => kind))].filter(
    (kind) => templatePath({ kind }) !== undefined,
  );
  return kinds.map((kind) => {
    const keys = templatePath({ kind }) ?? [];
    const pod: object = [...keys, "spec"].reduceRight<object>(
      (inner, key) => ({ [key]: inner }),
      placement,
    );
    const { apiVersion } = objects.find((object) => object.kind === kind) ?? { apiVersion: "" };
    return {
      ...target(kind),
      patch: JSON.stringify({ apiVersion, kind, metadata: { name: "any" }, ...pod }),
    };
  });
}

/** JSON patches fail where a key is not there; a merge patch with null does not. */
function renderScaled({ scaled }: FrameValues): object[] {
  if (scaled === undefined) return [];
  const { kind, name } = scaled;
  const patch = { apiVersion: "apps/v1", kind, metadata: { name }, spec: { replicas: null } };
  return [{ ...target(kind, name), patch: JSON.stringify(patch) }];
}

function renderServices({ service }: FrameValues): object[] {
  const ports = Object.entries(service.nodePorts).map(([port, nodePort]) => ({
    port: Number(port),
    nodePort: service.type === "NodePort" ? nodePort : null,
  }));
  return renderServicePatches(service, ports).map((patch) => ({
    ...target("Service", service.name),
    patch: JSON.stringify(patch),
  }));
}

/** Images without their tags, as the files write them. */
function listImages(objects: readonly KubeObject[]): string[] {
  const names = objects.flatMap((object) =>
    containersOf(podSpecOf(object) ?? {}).flatMap((each) => textAt(each, "image") ?? []),
  );
  return [...new Set(names.map((name) => name.replace(/(:[^/:@]+)?(@.*)?$/, "")))].sort();
}
