import { z } from "zod";
import { revealMap } from "../../../scripts/engine/inspect";
import type { PropertyMap } from "../../../scripts/engine/values";

/** What does in a real cluster what the Kubernetes provider does with one object. */
export interface Objects {
  /** Gets the provider's kubeconfig, before anything else. */
  connect(kubeconfig: string): Promise<void>;
  /** Returns the object as the cluster has it then. */
  apply(object: KubernetesObject): Promise<PropertyMap>;
  delete(object: KubernetesObject): Promise<void>;
  /** Stands in for Helm. Without it a release is only recorded. */
  install?(release: ChartRelease): Promise<void>;
}

const releaseSchema = z.looseObject({
  chart: z.string(),
  namespace: z.string(),
  values: z.record(z.string(), z.unknown()).optional(),
  skipAwait: z.boolean().optional(),
});

/** A chart, where it goes, and with what values. */
export type ChartRelease = z.infer<typeof releaseSchema>;

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

export type KubernetesObject = z.infer<typeof objectSchema>;

const RELEASE = "kubernetes:helm.sh/v3:Release";

const PROVIDER = "pulumi:providers:kubernetes";

/** Made by Helm or Kustomize of what they are given. */
const BUNDLES = [RELEASE, "kubernetes:kustomize/v2:Directory"];

/** The object that a resource stands for; undefined for any other resource. */
export function objectOf(
  { type, name }: { readonly type: string; readonly name: string },
  inputs: PropertyMap,
): KubernetesObject | undefined {
  if (!type.startsWith("kubernetes:") || BUNDLES.includes(type)) return undefined;
  const revealed = z
    .looseObject({ metadata: z.looseObject({}).optional() })
    .parse(revealMap(inputs));
  // Where the program leaves the name to the provider, that takes the resource's own and a suffix.
  return objectSchema.parse({ ...revealed, metadata: { name: `${name}-0`, ...revealed.metadata } });
}

/** The kubeconfig of a resource that is the Kubernetes provider. */
export function kubeconfigOf(type: string, inputs: PropertyMap): string | undefined {
  if (type !== PROVIDER) return undefined;
  return z.looseObject({ kubeconfig: z.string() }).parse(revealMap(inputs)).kubeconfig;
}

/** The release that a resource stands for; undefined for any other resource. */
export function releaseOf(type: string, inputs: PropertyMap): ChartRelease | undefined {
  return type === RELEASE ? releaseSchema.parse(revealMap(inputs)) : undefined;
}
