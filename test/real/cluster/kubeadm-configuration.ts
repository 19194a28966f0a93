import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Machine } from "../../rig/machine";
import type { KubectlObjects } from "./kubectl-objects";

const OBJECT = ["-n", "kube-system", "get", "configmap", "kubeadm-config"];

const named = z.array(z.looseObject({ name: z.string() }));
const clusterSchema = z.looseObject({
  apiServer: z.looseObject({ extraArgs: named, extraVolumes: named }),
});

const AFTER = "    apiServer:\n      extraArgs:\n";
const FLAG = '      - name: nosuchflag\n        value: "1"\n';

/** What kubeadm keeps in the cluster of how its control planes are configured. */
export class KubeadmConfiguration {
  constructor(private readonly objects: KubectlObjects) {}

  /** A flag with which no API server starts. */
  addFlag(): Promise<void> {
    return this.replace(AFTER, `${AFTER}${FLAG}`);
  }

  removeFlag(): Promise<void> {
    return this.replace(FLAG, "");
  }

  /** Switches the audit log off on a control plane, as Kubernetes' guide "Reconfiguring a kubeadm cluster" says. */
  async switchAuditOff(machine: Machine): Promise<void> {
    const text = await this.objects.kubectl([
      ...OBJECT,
      "-o",
      "jsonpath={.data.ClusterConfiguration}",
    ]);
    const cluster = clusterSchema.parse(parse(text));
    const { extraArgs, extraVolumes } = cluster.apiServer;
    cluster.apiServer.extraArgs = extraArgs.filter(({ name }) => !name.startsWith("audit-"));
    cluster.apiServer.extraVolumes = extraVolumes.filter(({ name }) => !name.startsWith("audit-"));
    await machine.exec(`export PATH=/usr/local/bin:$PATH
cat >/run/reconfigured.yaml <<'EOF'
${stringify(cluster)}
EOF
kubeadm init phase upload-config kubeadm --config /run/reconfigured.yaml
kubeadm init phase control-plane apiserver --config /run/reconfigured.yaml`);
  }

  private async replace(text: string, by: string): Promise<void> {
    const found = await this.objects.kubectl([...OBJECT, "-o", "yaml"]);
    if (!found.includes(text)) throw new Error(`kubeadm-config has no ${text}`);
    await this.objects.kubectl(["replace", "-f", "-"], found.replace(text, by));
  }
}
