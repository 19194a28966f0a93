import assert from "node:assert/strict";
import { renderNamespacePolicies } from "../../../components/network/render-policies";
import type { NamespaceNeed } from "../../../components/shared/facts";
import { isConnectionAllowed, parsePolicy, type Endpoint } from "../../support/policies";
import { waitFor } from "../../rig/wait";
import type { KubernetesObject } from "../../rig/engine/objects";
import type { KubectlObjects } from "./kubectl-objects";
import { ask, WEB_PORT, type WebPod } from "./pods";

const port = { port: WEB_PORT, protocol: "TCP" } as const;

/** A namespace as the program makes them: everything denied, but for what its parts ask for. */
export const CLOSED: NamespaceNeed = {
  name: "closed",
  podSecurity: "restricted",
  policies: [
    {
      name: "web-from-friends",
      pods: { app: "web" },
      direction: "ingress",
      peers: [{ namespace: "open", pods: { app: "friend" } }],
      ports: [port],
    },
    {
      name: "client-to-open",
      pods: { app: "client" },
      direction: "egress",
      peers: [{ namespace: "open" }],
      ports: [port],
    },
    { name: "anybody", pods: { app: "public" }, direction: "ingress", peers: [], ports: [port] },
  ],
};

/** Their machines: each of the connections crosses from one to another, or stays, as the names fall. */
export const MATRIX_PODS: readonly WebPod[] = [
  { namespace: "closed", name: "web", machine: "hazel", labels: { app: "web" } },
  { namespace: "closed", name: "client", machine: "spruce", labels: { app: "client" } },
  { namespace: "closed", name: "public", machine: "maple", labels: { app: "public" } },
  { namespace: "open", name: "friend", machine: "spruce", labels: { app: "friend" } },
  { namespace: "open", name: "stranger", machine: "hazel", labels: { app: "stranger" } },
];

export function renderNamespaces(): KubernetesObject[] {
  const namespaces = ["closed", "open"].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
  }));
  const policies = renderNamespacePolicies(CLOSED).map(({ name, spec }) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: CLOSED.name },
    spec,
  }));
  return [...namespaces, ...policies];
}

/** "closed/client to open/friend", for each pair of pods that reach each other by what the policies mean. */
function expectedConnections(addresses: ReadonlyMap<string, string>): string[] {
  const policies = renderNamespacePolicies(CLOSED).map(({ spec }) =>
    parsePolicy(CLOSED.name, spec),
  );
  const endpoint = (pod: WebPod): Endpoint => ({ ...pod, address: addresses.get(pod.name) ?? "" });
  return pairs()
    .filter(([from, to]) =>
      isConnectionAllowed(policies, { from: endpoint(from), to: endpoint(to), ...port }),
    )
    .map(([from, to]) => titleOf(from, to));
}

/** The same as it is measured. */
async function measuredConnections(
  objects: KubectlObjects,
  addresses: ReadonlyMap<string, string>,
): Promise<string[]> {
  const asked = pairs().map(async ([from, to]) => {
    const answer = await ask(
      objects,
      from,
      `http://${addresses.get(to.name) ?? ""}:${String(WEB_PORT)}`,
    );
    return answer?.startsWith(`${to.name} `) === true ? [titleOf(from, to)] : [];
  });
  return (await Promise.all(asked)).flat();
}

/** Waits until the policies are in force, and compares what is measured with what they mean. */
export async function assertPolicies(
  objects: KubectlObjects,
  addresses: ReadonlyMap<string, string>,
): Promise<void> {
  const expected = expectedConnections(addresses);
  await waitFor("the policies to be in force", async () => {
    const measured = await measuredConnections(objects, addresses);
    return measured.length === expected.length;
  });
  assert.deepEqual(await measuredConnections(objects, addresses), expected);
}

function pairs(): (readonly [WebPod, WebPod])[] {
  return MATRIX_PODS.flatMap((from) =>
    MATRIX_PODS.filter((to) => to !== from).map((to) => [from, to] as const),
  );
}

function titleOf(from: WebPod, to: WebPod): string {
  return `${from.namespace}/${from.name} to ${to.namespace}/${to.name}`;
}
