import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Machine } from "../../rig/machine";
import { waitFor } from "../../rig/wait";
import type { KubectlObjects } from "./kubectl-objects";

const OBJECT = ["-n", "kube-system", "get", "configmap", "kubeadm-config"];
const PATCH = ["-n", "kube-system", "patch", "configmap", "kubeadm-config", "--type=merge"];

const named = z.array(z.looseObject({ name: z.string() }));
const clusterSchema = z.looseObject({
  apiServer: z.looseObject({ extraArgs: named, extraVolumes: named }),
});

type Cluster = z.output<typeof clusterSchema>;

const MINUTE = 60_000;
const NO_FLAG = "nosuchflag";

/** What kubeadm keeps in the cluster of how its control planes are configured. */
export class KubeadmConfiguration {
  constructor(private readonly objects: KubectlObjects) {}

  /** A flag with which no API server starts. */
  addFlag(): Promise<void> {
    return this.change(({ apiServer }) => {
      apiServer.extraArgs.push({ name: NO_FLAG, value: "1" });
    });
  }

  removeFlag(): Promise<void> {
    return this.change(({ apiServer }) => {
      apiServer.extraArgs = apiServer.extraArgs.filter(({ name }) => name !== NO_FLAG);
    });
  }

  /** Switches the audit log off on a control plane, as Kubernetes' guide "Reconfiguring a kubeadm cluster" says. */
  async switchAuditOff(machine: Machine): Promise<void> {
    const cluster = await this.read();
    const { extraArgs, extraVolumes } = cluster.apiServer;
    cluster.apiServer.extraArgs = extraArgs.filter(({ name }) => !name.startsWith("audit-"));
    cluster.apiServer.extraVolumes = extraVolumes.filter(({ name }) => !name.startsWith("audit-"));
    await machine.exec(`export PATH=/usr/local/bin:$PATH
cat >/run/reconfigured.yaml <<'EOF'
${stringify(cluster)}
EOF
kubeadm init phase upload-config kubeadm --config /run/reconfigured.yaml
kubeadm init phase control-plane apiserver --config /run/reconfigured.yaml`);
    await waitFor("an API server without it", () => this.isReady(machine), 5 * MINUTE);
  }

  /** The kubelet starts it again once it has seen the new manifest. */
  private async isReady(machine: Machine): Promise<boolean> {
    const running = await machine.exec("pgrep -a kube-apiserver", { anyCode: true });
    if (running.code !== 0 || running.stdout.includes("--audit-")) return false;
    return (await this.objects.kubectl(["get", "--raw", "/readyz"])) === "ok";
  }

  private async read(): Promise<Cluster> {
    const path = "jsonpath={.data.ClusterConfiguration}";
    return clusterSchema.parse(parse(await this.objects.kubectl([...OBJECT, "-o", path])));
  }

  private async change(by: (cluster: Cluster) => void): Promise<void> {
    const cluster = await this.read();
    by(cluster);
    const data = { ClusterConfiguration: stringify(cluster) };
    await this.objects.kubectl([...PATCH, "-p", JSON.stringify({ data })]);
  }
}
