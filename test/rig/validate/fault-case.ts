import { z } from "zod";
import { conditionOf, kubeObject, type KubeObject } from "../../cluster/kube-object";
import { ASLEEP, nodePath, putToSleep } from "../../cluster/nodes";
import { waitFor } from "../wait";
import type { ValidationLab } from "./lab";

/** One fault: which checks tell of it and what they say, and how it comes about and goes. */
export interface FaultCase {
  readonly what: string;
  readonly group: string;
  /** Every check of the group that fails then, by its name. */
  readonly fails?: Readonly<Record<string, RegExp>>;
  /** Every check of the group that cannot be made then. */
  readonly unseen?: Readonly<Record<string, RegExp>>;
  readonly break: (lab: ValidationLab) => Promise<unknown>;
  readonly mend: (lab: ValidationLab) => Promise<unknown>;
}

const created = z.object({ metadata: z.object({ creationTimestamp: z.string() }) });

export const podPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/pods/${name}`;

export async function findPod(
  { cluster }: ValidationLab,
  namespace: string,
  label: string,
): Promise<KubeObject> {
  const query = `labelSelector=${encodeURIComponent(label)}`;
  const [pod] = await cluster.api.list(`/api/v1/namespaces/${namespace}/pods?${query}`);
  return kubeObject.parse(pod);
}

/** What a kubelet would say of a pod's only container. */
export async function tellContainer(
  { cluster }: ValidationLab,
  pod: { readonly namespace: string; readonly name: string },
  state: object,
): Promise<void> {
  const container = { name: "main", image: "x", imageID: "", ready: false, restartCount: 0 };
  await cluster.api.merge(`${podPath(pod.namespace, pod.name)}/status`, {
    status: { containerStatuses: [{ ...container, ...state }] },
  });
}

/** Fails its readiness probe; kwok, which would find it ready again, leaves it alone. */
export async function makeUnready(
  lab: ValidationLab,
  namespace: string,
  label: string,
): Promise<void> {
  const { name } = (await findPod(lab, namespace, label)).metadata;
  const { api } = lab.cluster;
  await api.merge(podPath(namespace, name), { metadata: { annotations: { [ASLEEP]: "" } } });
  await api.merge(`${podPath(namespace, name)}/status`, {
    status: { conditions: [{ type: "Ready", status: "False" }] },
  });
}

export async function makeReady(
  lab: ValidationLab,
  namespace: string,
  label: string,
): Promise<void> {
  const { name } = (await findPod(lab, namespace, label)).metadata;
  const metadata = { annotations: { [ASLEEP]: null } };
  await lab.cluster.api.merge(podPath(namespace, name), { metadata });
}

/** A pod that no kubelet has started yet; `machine` none: no machine is good enough for it. */
export async function createPod({ cluster }: ValidationLab, machine?: string): Promise<void> {
  const { apiVersion, kind } = { apiVersion: "v1", kind: "Pod" };
  const annotations = { "test.vmstation.io/stuck": "" };
  const place =
    machine === undefined ? { nodeSelector: { nowhere: "yes" } } : { nodeName: machine };
  await cluster.api.call("POST", "/api/v1/namespaces/default/pods", {
    ...{ apiVersion, kind, metadata: { name: "probe", namespace: "default", annotations } },
    spec: { ...place, containers: [{ name: "main", image: "registry.invalid/it" }] },
  });
  await waitFor("the pod to have waited too long", async () => {
    const { metadata } = created.parse(await cluster.api.get(podPath("default", "probe")));
    return Date.now() - Date.parse(metadata.creationTimestamp) > 3000;
  });
}

export function removePod({ cluster }: ValidationLab): Promise<unknown> {
  return cluster.api.call("DELETE", `${podPath("default", "probe")}?gracePeriodSeconds=0`);
}

/** What a kubelet would say of its machine, once: kwok, which speaks for it every second, is silent first. */
export async function tellConditions(
  { cluster }: ValidationLab,
  machine: string,
  conditions: Readonly<Record<string, string>>,
): Promise<void> {
  await putToSleep(cluster, machine);
  const now = new Date().toISOString().replace(/\.\d+/, "");
  const said = Object.entries({ Ready: "True", ...conditions }).map(([type, status]) => ({
    ...{ type, status, reason: "Test", message: "" },
    ...{ lastHeartbeatTime: now, lastTransitionTime: now },
  }));
  await cluster.api.merge(`${nodePath(machine)}/status`, { status: { conditions: said } });
}

/** Until every pod of a machine that is not heard of counts as unready. */
export async function waitForUnreadyPods(
  { cluster }: ValidationLab,
  machine: string,
): Promise<void> {
  await waitFor(`the pods of ${machine} to be unready`, async () => {
    const pods = await cluster.api.list(`/api/v1/pods?fieldSelector=spec.nodeName%3D${machine}`);
    return pods.every((pod) => conditionOf(pod, "Ready") !== "True");
  });
}
