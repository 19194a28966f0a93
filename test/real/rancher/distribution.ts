import type { RealLab } from "../cluster/lab";

/** K3s or RKE2, as the suites of real clusters take it. */
export interface Distribution {
  /** "K3s" */
  readonly title: string;
  /** Why it cannot run on this host, in one line; undefined where it can. */
  readonly whyNot: () => string | undefined;
  /** Whether Calico runs by the stack's own operator, from the folder that CALICO_IMAGES names. */
  readonly calico: boolean;
  /** What kubelets say of a version of Kubernetes: "v1.35.4+k3s1". */
  readonly release: (kubernetesVersion: string) => string;
  /** Adds to a mirror's folder what no other suite has. */
  readonly addTo: (mirror: string) => Promise<void>;
  /** The section `bootstrap`; `sources` are the mirror's, `more` are other keys of it. */
  readonly describe: (
    kubernetesVersion: string,
    sources: ReturnType<RealLab["sources"]>,
    more: object,
  ) => Promise<object>;
  /** Shell for a machine: what the sandbox forces. `files` is where the mirror has its files. */
  readonly prepare: (files: string) => string;
  /** Files that machines fetch for `prepare`. */
  readonly otherFiles: readonly string[];
  /** Images of what stands in for something. */
  readonly standIns: readonly string[];
  /** Whether it pulls an image by itself, which no list names. */
  readonly isOwn: (repository: string) => boolean;
  /** Shell that lists files and processes which a reset has to take away; `remains` finds them in what it prints. */
  readonly look: string;
  readonly remains: RegExp;
}

/** The keys of the suite's stack that only kubeadm's method has. */
export const NOT_KUBEADM = {
  kubelet: undefined,
  ignorePreflightErrors: undefined,
  kubeProxy: undefined,
  containerd: undefined,
};

/**
 * What the sandbox forces on a machine by K3s or RKE2: README.md says why. No key of the program says it to them.
 * `name` is that of their folders, `units` those of their services.
 */
export function renderSandbox(name: string, units: readonly string[]): string {
  return `
agent=/var/lib/rancher/${name}/agent/etc
for unit in ${units.join(" ")}; do
  mkdir -p /etc/systemd/system/$unit.service.d
  printf '[Service]\\nLimitNOFILE=20000\\n' >/etc/systemd/system/$unit.service.d/rig.conf
done
mkdir -p $agent/containerd/config-v3.toml.d $agent/kubelet.conf.d
printf "version = 3\\n[plugins.'io.containerd.cri.v1.runtime']\\nrestrict_oom_score_adj = true\\n" >$agent/containerd/config-v3.toml.d/rig.toml
printf 'apiVersion: kubelet.config.k8s.io/v1beta1\\nkind: KubeletConfiguration\\nfailCgroupV1: false\\n' >$agent/kubelet.conf.d/99-rig.conf`;
}
