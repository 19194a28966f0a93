import { execFileSync } from "node:child_process";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { waitFor } from "../../rig/wait";
import { kubeObject, type KubeObject } from "../kube-object";
import type { TestCluster } from "../test-cluster";

export const LIBRARY = path.join(__dirname, "../../../components/power/files/lib");
const NAMESPACES = ["one", "two"] as const;

/** How many requests are under way at a time. */
const LANES = 32;
const PATIENCE = 300_000;

const caseSchema = z.object({
  before: z.array(kubeObject),
  pod: kubeObject,
  node: z.string(),
  features: z.array(z.string()),
});
export type Case = z.infer<typeof caseSchema>;

const podStatus = z.object({
  spec: z.object({ nodeName: z.string().optional() }),
  status: z.object({
    conditions: z
      .array(z.object({ type: z.string(), status: z.string(), reason: z.string().optional() }))
      .default([]),
  }),
});

export function generateCases(seed: number, first: number, count: number): Case[] {
  const script = path.join(__dirname, "generate.py");
  const args = ["-B", script, String(seed), String(first), String(count)];
  const text = execFileSync("python3", args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  return z.array(caseSchema).parse(JSON.parse(text));
}

const storageClass = (name: string, provisioner: string, more: object = {}): KubeObject => ({
  ...{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name } },
  ...{ provisioner, volumeBindingMode: "WaitForFirstConsumer", ...more },
});

/** What the cases refer to. */
const SHARED: readonly KubeObject[] = [
  ...NAMESPACES.map((name) => ({
    ...{ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { team: name } } },
  })),
  storageClass("at-once", "none.test", { volumeBindingMode: "Immediate" }),
  storageClass("waits", "kubernetes.io/no-provisioner"),
  storageClass("made", "none.test"),
  storageClass("made-counted", "counted.test"),
  storageClass("made-in-zone-a", "none.test", {
    allowedTopologies: [{ matchLabelExpressions: [{ key: "role", values: ["storage"] }] }],
  }),
  {
    ...{ apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", metadata: { name: "counted.test" } },
    spec: { storageCapacity: true },
  },
  {
    ...{ apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name: "heavy" } },
    ...{ handler: "heavy", overhead: { podFixed: { cpu: "250m", memory: "64Mi" } } },
  },
];

/** Many cases in one cluster: what the real scheduler does with each pod, and what the power controller says of it. */
export class PlacementLab {
  constructor(private readonly cluster: TestCluster) {}

  async prepare(): Promise<void> {
    for (const object of SHARED) await this.cluster.api.apply(object);
    for (const name of NAMESPACES) {
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await waitFor(`the account of ${name}`, async () => {
        return (await this.cluster.api.send("GET", account)).status === 200;
      });
    }
  }

  /** Name of each pod that the API server took → [does the power controller say that it fits, did the scheduler]. */
  async compare(cases: readonly Case[]): Promise<Map<string, [said: boolean, done: boolean]>> {
    await this.each(cases, async ({ before }) => {
      for (const object of before) await this.post(object);
    });
    await this.settle();
    this.cluster.signal("kube-scheduler", "SIGSTOP");
    const taken: Case[] = [];
    await this.each(cases, async (each) => {
      if (await this.post(each.pod)) taken.push(each);
    });
    await this.waitForClaims(taken);
    const said = await this.judge(taken);
    this.cluster.signal("kube-scheduler", "SIGCONT");
    const compared = new Map<string, [boolean, boolean]>();
    const follow = async ({ pod }: Case): Promise<void> => {
      const { name } = pod.metadata;
      compared.set(name, [said[name] ?? false, await this.outcome(pod, said[name] ?? false)]);
    };
    await Promise.all(taken.map(follow));
    await this.clear();
    return compared;
  }

  private async each(cases: readonly Case[], work: (each: Case) => Promise<void>): Promise<void> {
    const rest = [...cases];
    const lane = async (): Promise<void> => {
      for (let next = rest.shift(); next !== undefined; next = rest.shift()) await work(next);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  /** Whether the API server took it: some generated objects are none. */
  private async post(object: KubeObject): Promise<boolean> {
    const { name } = object.metadata;
    const collection = (await this.cluster.api.pathOf(object)).replace(`/${name}`, "");
    const { status } = await this.cluster.api.send("POST", collection, object);
    if (status >= 500) throw new Error(`${object.kind} ${name}: ${status}`);
    return status < 400;
  }

  /** Until the nodes have the taints that they were made with, and what can be bound is. */
  private async settle(): Promise<void> {
    await waitFor(
      "nodes and claims to settle",
      async () => {
        const nodes = JSON.stringify(await this.cluster.api.get("/api/v1/nodes"));
        if (nodes.includes("node.kubernetes.io/not-ready")) return false;
        const claims = await this.cluster.api.list("/api/v1/persistentvolumeclaims");
        return claims.every(({ spec, metadata }) => {
          const { data } = z.object({ volumeName: z.string() }).safeParse(spec);
          return !data || metadata.annotations?.["pv.kubernetes.io/bind-completed"] === "yes";
        });
      },
      PATIENCE,
    );
  }

  /** Ephemeral volumes' claims are made by a controller, scheduler or not. */
  private async waitForClaims(cases: readonly Case[]): Promise<void> {
    const ephemeral = z.object({
      volumes: z.array(z.object({ name: z.string(), ephemeral: z.unknown().optional() })),
    });
    await this.each(cases, async ({ pod }) => {
      const { data } = ephemeral.safeParse(pod.spec);
      for (const { name, ephemeral: source } of data?.volumes ?? []) {
        if (source === undefined) continue;
        const claim = `${this.claims(pod)}/${pod.metadata.name}-${name}`;
        await waitFor(
          claim,
          async () => (await this.cluster.api.send("GET", claim)).status === 200,
          PATIENCE,
        );
      }
    });
  }

  private claims(pod: KubeObject): string {
    return `/api/v1/namespaces/${pod.metadata.namespace ?? ""}/persistentvolumeclaims`;
  }

  private async judge(cases: readonly Case[]): Promise<Record<string, boolean>> {
    const list =
      "nodes,pods,persistentvolumeclaims,persistentvolumes,storageclasses,csidrivers,csinodes";
    const { stdout } = await this.cluster.kubectl(["get", list, "--all-namespaces", "-o=json"]);
    const { items } = z.object({ items: z.array(kubeObject) }).parse(JSON.parse(stdout));
    const kinds: Record<string, KubeObject[]> = {};
    for (const item of items) (kinds[item.kind] ??= []).push(item);
    const asked = cases.map(({ pod, node }) => [pod.metadata.namespace, pod.metadata.name, node]);
    const text = execFileSync("python3", ["-B", path.join(__dirname, "judge.py"), LIBRARY], {
      ...{ encoding: "utf8", input: JSON.stringify({ kinds, asked }), maxBuffer: 2 ** 28 },
    });
    return z.record(z.string(), z.boolean()).parse(JSON.parse(text));
  }

  /**
   * Whether the scheduler places the pod. Some it never looks at; of one that is `expected` to be placed a refusal counts
   * when it stays one, as the scheduler may have looked before it had heard of everything.
   */
  private async outcome(pod: KubeObject, expected: boolean): Promise<boolean> {
    const { name, namespace } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace ?? ""}/pods/${name}`;
    const end = performance.now() + (expected ? 60_000 : 15_000);
    while (performance.now() < end) {
      const { spec, status } = podStatus.parse(await this.cluster.api.get(path));
      if (spec.nodeName !== undefined || (await this.isBeingMade(pod))) return true;
      const condition = status.conditions.find(({ type }) => type === "PodScheduled");
      if (condition?.status === "False" && !expected) return false;
      await pause(500);
    }
    return false;
  }

  /** Whether the scheduler has chosen the node, and a volume is waited for that nobody makes here. */
  private async isBeingMade(pod: KubeObject): Promise<boolean> {
    if (!JSON.stringify(pod.spec).includes('"volumes"')) return false;
    const claims = await this.cluster.api.list(this.claims(pod));
    const number = pod.metadata.name.slice(1);
    return claims.some(({ metadata }) => {
      const own = metadata.labels?.case === number || metadata.name.startsWith(`p${number}-`);
      return own && metadata.annotations?.["volume.kubernetes.io/selected-node"] !== undefined;
    });
  }

  private async clear(): Promise<void> {
    const collections = NAMESPACES.flatMap((name) => [
      `/api/v1/namespaces/${name}/pods?gracePeriodSeconds=0`,
      `/api/v1/namespaces/${name}/persistentvolumeclaims`,
    ]);
    const others = ["/api/v1/persistentvolumes", "/apis/storage.k8s.io/v1/csinodes"];
    for (const each of [...collections, ...others, "/api/v1/nodes"])
      await this.cluster.api.call("DELETE", each);
    await waitFor(
      "everything to be gone",
      async () => {
        const left = ["/api/v1/pods", "/api/v1/persistentvolumes", "/api/v1/nodes"];
        const lists = await Promise.all(left.map((each) => this.cluster.api.list(each)));
        return lists.every((list) => list.length === 0);
      },
      PATIENCE,
    );
  }
}
