import { writeFile } from "node:fs/promises";
import { z } from "zod";
import type { PropertyMap } from "../../../scripts/engine/values";
import { run } from "../../rig/command";
import type { ChartRelease, KubernetesObject, Objects } from "../../rig/engine/objects";
import { APP_STAND_IN } from "../mirror/contents";
import { programPath } from "../parts/modules";
import type { Outside } from "../platform/cert-manager";
import { renderChart, renderKinds } from "../platform/charts";

const SECOND = 1000;
const APPLY = ["--server-side", "--force-conflicts", "--field-manager=vmstation-rig"];

/** A Secret that the cluster fills. */
const TOKEN = "kubernetes.io/service-account-token";

/** What other resources are made from. */
const liveSchema = z
  .object({ data: z.record(z.string(), z.string()).optional() })
  .transform(({ data }) => ({ ...(data === undefined ? {} : { data }) }));

/** The program pins an app's image by its digest, and the image itself cannot be had. */
function withStandIns(text: string): string {
  return text.replaceAll(
    /"docker\.io\/jellyfin\/jellyfin[^"]*"/g,
    `"${APP_STAND_IN.repository}:${APP_STAND_IN.tag}"`,
  );
}

/** Does with kubectl what the Kubernetes provider does, but for its waiting until what it made is ready. */
export class KubectlObjects implements Objects {
  /** What stands in for the internet, where a suite has that. */
  outside: Outside | undefined;

  /** Where the kubeconfig is kept that the provider was given last. */
  constructor(readonly kubeconfig: string) {}

  async connect(kubeconfig: string): Promise<void> {
    await writeFile(this.kubeconfig, kubeconfig, { mode: 0o600 });
  }

  /** What stands in for its chart. As Helm, it waits for the pods where the program says so. */
  async install(release: ChartRelease): Promise<void> {
    const kinds = renderKinds(release);
    const names = kinds.map(({ metadata }) => `crd/${metadata.name}`);
    if (names.length > 0) {
      await this.applyAll(kinds);
      await this.kubectl(["wait", "--for=condition=Established", "--timeout=60s", ...names]);
    }
    const objects = renderChart(release, this.outside);
    if (objects.length > 0) await this.applyAll(objects);
    if (release.skipAwait === true) return;
    for (const { kind, metadata } of objects) {
      if (kind !== "Deployment") continue;
      const deployment = [`deployment/${metadata.name}`, "-n", release.namespace];
      const words = ["rollout", "status", "--timeout=300s", "--request-timeout=0"];
      await this.kubectl([...words, ...deployment], "", 310);
    }
  }

  private async applyAll(items: readonly KubernetesObject[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    await this.kubectl(["apply", ...APPLY, "-f", "-"], list);
  }

  async apply(object: KubernetesObject): Promise<PropertyMap> {
    const applied = await this.kubectl(
      ["apply", ...APPLY, "-o", "json", "-f", "-"],
      withStandIns(JSON.stringify(object)),
    );
    if (object.type !== TOKEN) return liveSchema.parse(JSON.parse(applied));
    const { name, namespace = "default" } = object.metadata;
    const secret = ["-n", namespace, `secret/${name}`];
    await this.kubectl(["wait", "--for=jsonpath={.data.token}", "--timeout=30s", ...secret]);
    return liveSchema.parse(JSON.parse(await this.kubectl(["get", "-o", "json", ...secret])));
  }

  async delete(object: KubernetesObject): Promise<void> {
    const words = ["--ignore-not-found", "--timeout=60s"];
    await this.kubectl(["delete", ...words, "-f", "-"], JSON.stringify(object));
  }

  /** Runs kubectl as the administrator, and returns what it prints. */
  async kubectl(words: readonly string[], input?: string, seconds = 90): Promise<string> {
    const { stdout } = await run(
      programPath("kubernetes", "kubectl"),
      [`--kubeconfig=${this.kubeconfig}`, "--request-timeout=20s", ...words],
      { input, timeout: seconds * SECOND },
    );
    return stdout;
  }
}
