import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AppFrame } from "../frame/app";
import { deployChart } from "./deploy-chart";
import { deployFolder } from "./deploy-folder";
import { putIntoFrame } from "./into-frame";
import { readManifests } from "./manifests";
import type { KubeObject } from "./objects";
import { templatePath } from "./pods";
import type { ConfiguredConfig } from "./schema";
import { APP_LABEL, frameValuesOf, type ConfiguredPlan } from "./values";

/** An object of whatever kind a file has. */
class FoundObject extends pulumi.CustomResource {}

/** The app's Secrets, and what its chart, its folder or its files are made of. */
export function deployConfigured(
  plan: ConfiguredPlan,
  config: ConfiguredConfig,
  frame: AppFrame,
  project: string,
): void {
  const secrets = createSecrets(config, frame);
  const values = frameValuesOf(plan, config, frame);
  switch (config.kind) {
    case "manifests": {
      const { objects } = readManifests(config.files, project);
      createObjects(
        objects.map(({ object }) => putIntoFrame(object, values)),
        frame,
        secrets,
      );
      break;
    }
    case "kustomize":
      deployFolder(config, values, frame, { project, secrets });
      break;
    case "chart":
      deployChart(plan, config, values, frame, secrets);
      break;
  }
}

function createSecrets({ secrets }: ConfiguredConfig, frame: AppFrame): pulumi.Resource[] {
  return Object.entries(secrets).map(([name, keys]) => {
    const values = Object.entries(keys).map(
      ([key, secret]) => [key, frame.secrets(secret) ?? pulumi.secret("")] as const,
    );
    return new k8s.core.v1.Secret(
      `${frame.prefix}-secret-${name}`,
      {
        metadata: {
          ...{ name, namespace: frame.namespace },
          labels: { [APP_LABEL]: frame.namespace },
        },
        stringData: Object.fromEntries(values),
      },
      frame.after(),
    );
  });
}

/** Each object is a resource of its own; what runs comes after what it mounts. */
function createObjects(
  objects: readonly KubeObject[],
  frame: AppFrame,
  secrets: readonly pulumi.Resource[],
): void {
  const runs = (object: KubeObject): boolean => templatePath(object) !== undefined;
  const first = objects
    .filter((object) => !runs(object))
    .map((object) => createObject(object, frame, secrets));
  for (const object of objects.filter(runs)) createObject(object, frame, [...secrets, ...first]);
}

function createObject(
  object: KubeObject,
  frame: AppFrame,
  after: readonly pulumi.Resource[],
): pulumi.Resource {
  const { apiVersion, kind, metadata } = object;
  // What the SDK's own classes are called, so that a state is the same by whatever way it is made.
  const group = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
  const isService = kind === "Service";
  return new FoundObject(
    `kubernetes:${group}:${kind}`,
    `${frame.prefix}-${kind.toLowerCase()}-${metadata.name}`,
    isService ? { ...object, metadata: withoutWaiting(metadata) } : { ...object },
    frame.after(...after),
  );
}

/** Pulumi would wait for a Service's pods, which come only after it. */
function withoutWaiting(metadata: KubeObject["metadata"]): object {
  const { annotations } = metadata;
  const own = typeof annotations === "object" && annotations !== null ? annotations : {};
  return { ...metadata, annotations: { ...own, "pulumi.com/skipAwait": "true" } };
}
