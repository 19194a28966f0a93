import { writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { waitFor } from "../rig/wait";
import { CONFIGURED } from "../support/fixtures/apps/configured/apps";
import { AddedApps } from "../support/fixtures/apps/added-apps";
import type { Change } from "../support/homelab";
import { named, type Recorded } from "../support/mocks";
import { applyCrds, parseObjects } from "./crds";
import type { KubeObject } from "./kube-object";
import { addNodes } from "./nodes";
import { objectsOf, plannedNodes } from "./plan-objects";
import type { TestCluster } from "./test-cluster";

/** An app of each kind from the stack's file alone, on the machine that has Jellyfin. */
export const FROM_THE_FILE = ["board", "feed", "whoami"] as const;

/** Every app of the program, the fixtures among them; Minecraft's chart is held apart. */
const APPS = ["jellyfin", "minecraft", "notes", "pages", ...FROM_THE_FILE];

const podList = z.array(
  z.looseObject({
    metadata: z.looseObject({ name: z.string(), uid: z.string() }),
    spec: z.looseObject({ nodeName: z.string().optional() }),
    status: z.looseObject({ phase: z.string() }),
  }),
);

export type AppPod = z.infer<typeof podList>[number];

/** A cluster with the homelab's machines, and the plan of a stack that has all four apps, to be applied to it. */
export class AppsLab {
  private constructor(
    private readonly cluster: TestCluster,
    private readonly added: AddedApps,
    /** All that the stack's program registers. */
    readonly graph: readonly Recorded[],
    /** The apps' objects in the order of the graph, what Kustomize makes of a folder among them. */
    readonly objects: readonly KubeObject[],
  ) {}

  static async open(cluster: TestCluster): Promise<AppsLab> {
    await applyCrds(cluster);
    await addNodes(cluster, plannedNodes());
    const added = new AddedApps();
    try {
      const minecraft = { machine: "hazel", eula: true };
      const site = added.site(
        { machine: "hazel" },
        [["apps", "minecraft"], minecraft],
        ...FROM_THE_FILE.map((app): Change => {
          return [["apps", app], { ...CONFIGURED[app], machine: "spruce" }];
        }),
        [["feedToken"], "s3cret-of-the-feed"],
      );
      const graph = await added.record(site);
      const ours = new RegExp(`^(apps-|network-(${APPS.join("|")})(-|$))`);
      const objects = objectsOf(graph)
        .filter(({ resource }) => ours.test(resource))
        .map(({ object }) => object);
      for (const app of ["pages", "board"])
        objects.push(...(await buildFolder(cluster, added, app)));
      objects.push(...(await buildChart(cluster, added, graph)));
      return new AppsLab(cluster, added, graph, objects);
    } catch (error) {
      added.remove();
      throw error;
    }
  }

  /** Removes the copy of the program; the cluster is its suite's. */
  remove(): void {
    this.added.remove();
  }

  async podsOf(namespace: string): Promise<AppPod[]> {
    return podList.parse(await this.cluster.api.list(`/api/v1/namespaces/${namespace}/pods`));
  }

  /** The only pod of an app, once it runs. */
  running(namespace: string): Promise<AppPod> {
    return waitFor(`a pod of ${namespace} to run`, async () => {
      const [pod, ...others] = await this.podsOf(namespace);
      return pod?.status.phase === "Running" && others.length === 0 && pod;
    });
  }
}

/** What kustomize.v2.Directory makes of the overlay: it is the same Kustomize. */
async function buildFolder(
  cluster: TestCluster,
  project: AddedApps,
  app: string,
): Promise<KubeObject[]> {
  const overlay = project.at(path.join(".vmstation", "kustomize", app));
  return parseObjects((await cluster.kubectl(["kustomize", overlay])).stdout);
}

/** What Helm makes of the chart, through the program that its release names. */
async function buildChart(
  cluster: TestCluster,
  project: AddedApps,
  graph: readonly Recorded[],
): Promise<KubeObject[]> {
  const { chart, values, postrender } = named(graph, "apps-whoami-release").inputs;
  const file = path.join(cluster.folder, "whoami.json");
  writeFileSync(file, JSON.stringify(values));
  const words = ["-n", "whoami", "-f", file, "--post-renderer", String(postrender)];
  const folder = project.at(String(chart));
  return parseObjects((await cluster.helm(["template", "whoami", folder, ...words])).stdout);
}

/** A pod that Pod Security restricted takes. */
export function renderPod(name: string, namespace: string, more: object): KubeObject {
  const security = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    runAsUser: 1000,
    seccompProfile: { type: "RuntimeDefault" },
  };
  const container = { name: "x", image: "x", securityContext: security };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: { containers: [container], ...more },
  };
}
