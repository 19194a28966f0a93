import { GIT, packageIndex } from "./checkout";

/** The keys of kubeadm's method that the suite's stack has. */
const NOT_KUBEADM = {
  checksums: undefined,
  kubelet: undefined,
  ignorePreflightErrors: undefined,
  kubeProxy: undefined,
  containerd: undefined,
};

/** Its image cannot be had, and one CoreDNS is enough. */
const WITHOUT = { enable_dns_autoscaler: false };

/** What the sandbox forces, as Kubespray's variables: README.md says why. */
const SANDBOX = {
  kubelet_fail_cgroup_v1: false,
  kubeadm_ignore_preflight_errors: ["SystemVerification"],
  kube_proxy_conntrack_max_per_core: 0,
  kube_proxy_conntrack_min: 0,
  containerd_extra_runtime_args: { restrict_oom_score_adj: true },
  containerd_limit_proc_num: 65535,
  containerd_limit_open_file_num: 20000,
  containerd_limit_mem_lock: 8388608,
  containerd_base_runtime_spec_rlimit_nofile: 20000,
};

/** The section `bootstrap` in the hands of Kubespray; `sources` are those of the suite's mirror. */
export function renderKubespray(
  sources: object,
  digests: Readonly<Record<string, string>>,
  more: object = {},
): object {
  return {
    ...NOT_KUBEADM,
    method: "kubespray",
    sources: { ...sources, kubesprayGit: GIT, pythonIndex: packageIndex() },
    variables: { ...WITHOUT, ...SANDBOX, ...digests },
    ...more,
  };
}
