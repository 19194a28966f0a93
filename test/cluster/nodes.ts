import { waitFor } from "../rig/wait";
import { conditionOf, type KubeObject } from "./kube-object";
import type { TestCluster } from "./test-cluster";

/** A machine of the cluster, as its kubelet would announce it. */
export interface NodeSpec {
  readonly name: string;
  /** Its address on the LAN. */
  readonly address: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** "node-role.kubernetes.io/control-plane:NoSchedule" */
  readonly taints?: readonly string[];
  readonly allocatable?: Readonly<Record<string, string>>;
}

/** kwok leaves alone what is annotated so. */
export const ASLEEP = "test.vmstation.io/asleep";

const ALLOCATABLE = { cpu: "8", memory: "16Gi", pods: "110", "ephemeral-storage": "100Gi" };

/** Adds machines and waits until all of them are Ready. */
export async function addNodes(cluster: TestCluster, nodes: readonly NodeSpec[]): Promise<void> {
  for (const node of nodes) {
    await cluster.api.call("POST", "/api/v1/nodes", renderNode(node));
    const { address, allocatable = ALLOCATABLE, name } = node;
    await cluster.api.merge(`/api/v1/nodes/${name}/status`, {
      status: {
        addresses: [
          { type: "InternalIP", address },
          { type: "Hostname", address: name },
        ],
        allocatable,
        capacity: allocatable,
        nodeInfo: { operatingSystem: "linux", architecture: "amd64" },
      },
    });
  }
  for (const { name } of nodes) await waitForNode(cluster, name, "True");
}

function renderNode({ name, labels = {}, taints = [] }: NodeSpec): object {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", ...labels },
    },
    spec: {
      taints: taints.map((taint) => {
        const [key, effect] = taint.split(":");
        return { key, effect };
      }),
    },
  };
}

/**
 * Lets nothing be heard of a machine and its pods any more, as when it sleeps, and waits until the node
 * controller has noticed: Ready is Unknown, with the taints that go with it.
 */
export async function putToSleep(cluster: TestCluster, name: string): Promise<void> {
  await annotate(cluster, name, "");
  await waitForNode(cluster, name, "Unknown");
}

/** Lets a machine be heard again, and waits until it and the pods that it still has are Ready. */
export async function wakeUp(cluster: TestCluster, name: string): Promise<void> {
  await annotate(cluster, name, null);
  await waitForNode(cluster, name, "True");
  await waitFor(`the pods of ${name} to be Ready`, async () => {
    return (await podsOf(cluster, name)).every((pod) => conditionOf(pod, "Ready") === "True");
  });
}

/** Marks a machine and its pods: kwok knows nothing else of a pod's machine. */
async function annotate(cluster: TestCluster, name: string, value: string | null): Promise<void> {
  const change = { metadata: { annotations: { [ASLEEP]: value } } };
  for (const { metadata } of await podsOf(cluster, name))
    await cluster.api.merge(
      `/api/v1/namespaces/${metadata.namespace ?? ""}/pods/${metadata.name}`,
      change,
    );
  await cluster.api.merge(nodePath(name), change);
}

/** The pods of a machine that are not done. */
async function podsOf(cluster: TestCluster, name: string): Promise<KubeObject[]> {
  const running = `spec.nodeName=${name},status.phase!=Succeeded,status.phase!=Failed`;
  return cluster.api.list(`/api/v1/pods?fieldSelector=${encodeURIComponent(running)}`);
}

/** Waits until the node's condition Ready is "True", "False" or "Unknown". */
export async function waitForNode(
  cluster: TestCluster,
  name: string,
  ready: "True" | "False" | "Unknown",
): Promise<void> {
  await waitFor(`node ${name} to be Ready=${ready}`, async () => {
    return conditionOf(await cluster.api.get(nodePath(name)), "Ready") === ready;
  });
}

export function nodePath(name: string): string {
  return `/api/v1/nodes/${name}`;
}
