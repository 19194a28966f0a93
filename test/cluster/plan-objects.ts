import { homelabSite } from "../support/site";
import { recordStack } from "../support/stack";
import type { Recorded } from "../support/mocks";
import type { Change } from "../support/homelab";
import type { TestCluster } from "./test-cluster";
import type { NodeSpec } from "./nodes";
import { kubeObject, type KubeObject } from "./kube-object";

/** A Kubernetes resource of the stack that is no Helm release, as the API server gets it. */
export interface PlannedObject {
  /** Its logical name in the stack, "monitoring-grafana-claim". */
  readonly resource: string;
  readonly object: KubeObject;
}

/** Made by Helm or Kustomize of what they are given. */
const BUNDLES = ["kubernetes:helm.sh/v3:Release", "kubernetes:kustomize/v2:Directory"];

/** Whether a resource of the plan is an object of the API. */
export function isObject({ type }: { readonly type: string }): boolean {
  return type.startsWith("kubernetes:") && !BUNDLES.includes(type);
}

/** The stack's objects in the order of its graph: the homelab's with its secrets set, after some changes. */
export async function plannedObjects(...changes: readonly Change[]): Promise<PlannedObject[]> {
  return objectsOf(await recordStack(homelabSite(...changes)));
}

/** The objects among what a program registered, in the order of its graph. */
export function objectsOf(recorded: readonly Recorded[]): PlannedObject[] {
  return inOrder(recorded.filter(isObject)).map((each) => ({
    resource: each.name,
    object: toObject(each),
  }));
}

/** Those that wait for nothing first, as the engine would create them. */
export function inOrder(recorded: readonly Recorded[]): Recorded[] {
  const objects = new Map(recorded.map((each) => [each.name, each]));
  const done = new Set<string>();
  const ordered: Recorded[] = [];
  const visit = (resource: Recorded): void => {
    if (done.has(resource.name)) return;
    done.add(resource.name);
    for (const name of resource.dependencies) {
      const dependency = objects.get(name);
      if (dependency !== undefined) visit(dependency);
    }
    ordered.push(resource);
  };
  for (const resource of objects.values()) visit(resource);
  return ordered;
}

/** Where the program leaves the name to the provider, which takes the resource's own and a suffix. */
export function toObject({ name, inputs }: Recorded): KubeObject {
  const metadata = typeof inputs.metadata === "object" ? inputs.metadata : {};
  return kubeObject.parse({ ...inputs, metadata: { name: `${name}-0`, ...metadata } });
}

/** Applies objects in turn and returns the server's warnings. Rejects at the first that it refuses. */
export async function applyObjects(
  cluster: TestCluster,
  objects: readonly KubeObject[],
): Promise<string[]> {
  const warnings: string[] = [];
  for (const object of objects) warnings.push(...(await cluster.api.apply(object)));
  return warnings;
}

/** The stack's machines as nodes: names, addresses, labels, taints. */
export function plannedNodes(...changes: readonly Change[]): NodeSpec[] {
  return homelabSite(...changes).machines.map(({ name, address, labels, taints }) => ({
    name,
    address,
    labels,
    taints,
  }));
}
