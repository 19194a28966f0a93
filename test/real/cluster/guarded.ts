import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { run } from "../../rig/command";
import type { KubernetesObject } from "../../rig/engine/objects";
import type { KubectlObjects } from "./kubectl-objects";
import { programPath } from "../parts/modules";
import { renderWebPod } from "./pods";

const NAME = "guarded";
const NAMESPACE = "default";
const INTERVAL = 250;

/** Pods of which one at a time may be away, spread over the machines, and the budget that says so. */
export function renderGuarded(replicas: number): KubernetesObject[] {
  const labels = { app: NAME };
  const pod = renderWebPod({ namespace: NAMESPACE, name: NAME, machine: "", labels });
  const spread = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: labels },
  };
  const spec = {
    ...z.looseObject({}).parse(pod.spec),
    nodeSelector: {},
    topologySpreadConstraints: [spread],
  };
  const metadata = { namespace: NAMESPACE, name: NAME };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec },
      },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    },
  ];
}

/** Watches the guarded pods until it is stopped, and says how few were Ready at the least. */
export class ReadyWatch {
  least = Number.POSITIVE_INFINITY;
  private stopped = false;
  private readonly watching: Promise<void>;

  constructor(private readonly objects: KubectlObjects) {
    this.watching = this.watch();
  }

  async stop(): Promise<number> {
    this.stopped = true;
    await this.watching;
    return this.least;
  }

  private async watch(): Promise<void> {
    while (!this.stopped) {
      // An API server that starts again says nothing of the pods.
      const words = ["get", "deployment", NAME, "-o", "jsonpath={.status.readyReplicas}"];
      const { code, stdout } = await run(
        programPath("kubernetes", "kubectl"),
        [`--kubeconfig=${this.objects.kubeconfig}`, "--request-timeout=2s", ...words],
        { anyCode: true },
      );
      if (code === 0) this.least = Math.min(this.least, Number(stdout));
      await delay(INTERVAL);
    }
  }
}
