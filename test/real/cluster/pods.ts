import { get } from "node:http";
import { text } from "node:stream/consumers";
import type { KubernetesObject } from "../../rig/engine/objects";
import { waitFor } from "../../rig/wait";
import type { KubectlObjects } from "./kubectl-objects";

/** The stack's own app, at the port that the control plane holds for it. */
export const APP = "http://10.213.0.63:30096";

/** The port that every pod of the tests answers at. */
export const WEB_PORT = 8080;

/** The port of every machine at which WEB_SERVICE answers. */
export const NODE_PORT = 30_080;

/** The Service of the matrix's pods that are strangers. */
export const WEB_SERVICE = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "open" },
  spec: {
    type: "NodePort",
    selector: { app: "stranger" },
    ports: [{ port: 80, targetPort: WEB_PORT, nodePort: NODE_PORT }],
  },
};

/** A pod that answers at WEB_PORT with its name and its client's address, and asks others on command. */
export interface WebPod {
  readonly namespace: string;
  readonly name: string;
  readonly machine: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function renderWebPod({ namespace, name, machine, labels }: WebPod): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, labels },
    spec: {
      nodeSelector: { "kubernetes.io/hostname": machine },
      // Kubespray lets no pod without it onto a control plane that is no worker.
      tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }],
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65534,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "web",
          image: "docker.io/vmstation/small:1",
          args: ["web", String(WEB_PORT)],
          readinessProbe: { tcpSocket: { port: WEB_PORT }, periodSeconds: 1 },
          resources: { limits: { cpu: "100m", memory: "32Mi" } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
}

/** Creates pods, waits until they are Ready, and returns their addresses by name. */
export async function startPods(
  objects: KubectlObjects,
  pods: readonly WebPod[],
): Promise<Map<string, string>> {
  await Promise.all(pods.map((pod) => objects.apply(renderWebPod(pod))));
  const found = pods.map(async ({ namespace, name }) => {
    const pod = ["-n", namespace, `pod/${name}`];
    await objects.kubectl(["wait", "--for=condition=Ready", "--timeout=120s", ...pod], "", 150);
    const address = await objects.kubectl(["get", ...pod, "-o", "jsonpath={.status.podIP}"]);
    return [name, address] as const;
  });
  return new Map(await Promise.all(found));
}

/** What a pod gets from a URL; undefined where it gets no answer. */
export async function ask(
  objects: KubectlObjects,
  { namespace, name }: Pick<WebPod, "namespace" | "name">,
  url: string,
): Promise<string | undefined> {
  const words = ["exec", "-n", namespace, name, "--", "/small", "reach", url];
  return objects.kubectl(words).then(
    (text) => text.trim(),
    () => undefined,
  );
}

/**
 * What the rig's controller, or another address of it, gets from a URL; undefined where there is no answer. Each question has a connection of its own,
 * which ends with the answer: one that stays open is a use of the app.
 */
export function askFromLan(url: string, localAddress?: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = get(url, { agent: false, timeout: 2000, localAddress }, (answer) => {
      text(answer).then(
        (body) => {
          resolve(body.trim());
        },
        () => {
          resolve(undefined);
        },
      );
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => {
      resolve(undefined);
    });
  });
}

/** Waits for an answer of a Service, whose rules kube-proxy writes in its own time. */
export function awaitAnswer(url: string): Promise<string> {
  return waitFor(`an answer from ${url}`, () => askFromLan(url), 30_000);
}
