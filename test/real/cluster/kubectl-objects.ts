import { writeFile } from "node:fs/promises";
import { z } from "zod";
import type { PropertyMap } from "../../../scripts/engine/values";
import { run } from "../../rig/command";
import type { KubernetesObject, Objects } from "../../rig/engine/objects";
import { APP_STAND_IN } from "../mirror/contents";
import { programPath } from "../parts/modules";

const SECOND = 1000;

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
  /** Where the kubeconfig is kept that the provider was given last. */
  constructor(readonly kubeconfig: string) {}

  async connect(kubeconfig: string): Promise<void> {
    await writeFile(this.kubeconfig, kubeconfig, { mode: 0o600 });
  }

  async apply(object: KubernetesObject): Promise<PropertyMap> {
    const words = ["--server-side", "--force-conflicts", "--field-manager=vmstation-rig"];
    const applied = await this.kubectl(
      ["apply", ...words, "-o", "json", "-f", "-"],
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
