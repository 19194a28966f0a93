import { ONLY_IPV4 } from "../../shared/scalars";
/**
 * Kubespray's variables that say what other layers rely on, and where that is said instead. Set under
 * bootstrap.variables they would change the cluster alone: firewall, policies, monitoring, power, backups and checks would
 * go on with what the configuration says.
 */

/** The key of ours that says the same. */
const KEYS: Readonly<Record<string, string>> = {
  kube_version: "bootstrap.kubernetesVersion",
  kube_pods_subnet: "network.podCidr",
  kube_pods_subnets: "network.podCidr",
  calico_pool_cidr: "network.podCidr",
  kube_service_addresses: "network.serviceCidr",
  kube_service_subnets: "network.serviceCidr",
  skydns_server: "network.clusterDns",
  calico_mtu: "network.mtu",
  calico_veth_mtu: "network.mtu",
  calico_ipip_mode: "network.encapsulation",
  calico_vxlan_mode: "network.encapsulation",
  calico_network_backend: "network.encapsulation",
  kube_apiserver_port: "bootstrap.apiServerPort",
  loadbalancer_apiserver_port: "bootstrap.apiServerPort",
  supplementary_addresses_in_ssl_keys: "bootstrap.apiServerSans",
  resolvconf_mode: "bootstrap.resolvConf",
  enable_nodelocaldns: "bootstrap.addons.nodeLocalDns",
  helm_enabled: "bootstrap.addons.helm",
  metrics_server_enabled: "bootstrap.addons.metricsServer",
  cert_manager_enabled: "bootstrap.addons.certManager",
  metallb_enabled: "bootstrap.addons.metallb",
  registry_enabled: "bootstrap.addons.registry",
  coredns_deployment_nodeselector: "bootstrap.addonMachines",
  dns_autoscaler_deployment_nodeselector: "bootstrap.addonMachines",
  metrics_server_nodeselector: "bootstrap.addonMachines",
  calico_policy_controller_deployment_nodeselector: "bootstrap.addonMachines",
  kubelet_max_pods: "bootstrap.maxPods",
  system_reserved: "bootstrap.reserves.system",
  system_cpu_reserved: "bootstrap.reserves.system.cpu",
  system_memory_reserved: "bootstrap.reserves.system.memory",
  kube_reserved: "bootstrap.reserves.kube",
  kube_cpu_reserved: "bootstrap.reserves.kube.cpu",
  kube_memory_reserved: "bootstrap.reserves.kube.memory",
  kubernetes_audit: "bootstrap.audit",
  kube_encrypt_secret_data: "bootstrap.encryption",
  auto_renew_certificates: "bootstrap.renewCertificates",
  containerd_registries_mirrors: "bootstrap.sources.registryMirrors",
  github_url: "bootstrap.sources.files",
  dl_k8s_io_url: "bootstrap.sources.files",
  storage_googleapis_url: "bootstrap.sources.files",
  get_helm_url: "bootstrap.sources.files",
  files_repo: "bootstrap.sources.files",
  node_labels: "machines.NAME.labels",
  node_taints: "machines.NAME.taints",
  upstream_dns_servers: "machines.NAME.dns",
  ip: "machines.NAME.address",
  access_ip: "machines.NAME.address",
  additional_sysctl: "node.sysctl",
  ntp_enabled: "node.ntpPool",
  ntp_servers: "node.ntpPool",
  ntp_package: "node.ntpPool",
  ntp_timezone: "lan.timeZone",
};

const NO_IPV6 = `no such variable: ${ONLY_IPV4}`;
const ONLY_CALICO =
  "no such variable: Calico is the only network plugin that policies and checks are made for";
const FIXED_PATH = "no such variable: backups and checks look for these files at their usual place";
const FIXED_PROXY =
  "no such variable: kube-proxy's mode follows from the machines' os, and NodePort policies need kube-proxy";
const FIXED_LIMIT =
  "no such variable: how soon a machine counts as gone is fixed, for those that sleep";

/** Variables without a key here, and why. */
const FIXED: Readonly<Record<string, string>> = {
  enable_dual_stack_networks: NO_IPV6,
  ipv4_stack: NO_IPV6,
  ipv6_stack: NO_IPV6,
  kube_pods_subnet_ipv6: NO_IPV6,
  kube_service_addresses_ipv6: NO_IPV6,
  kube_network_plugin: ONLY_CALICO,
  kube_network_plugin_multus: ONLY_CALICO,
  cilium_deploy_additionally: ONLY_CALICO,
  calico_datastore: ONLY_CALICO,
  calico_apiserver_enabled: "no such variable: the network layer talks to Calico's API server",
  calico_bpf_enabled: FIXED_PROXY,
  calico_nftable_mode: FIXED_PROXY,
  kube_proxy_mode: FIXED_PROXY,
  kube_proxy_remove: FIXED_PROXY,
  kube_proxy_metrics_bind_address: "no such variable: monitoring reads kube-proxy there",
  etcd_metrics_port: "no such variable: monitoring reads etcd there",
  typha_enabled: "no such variable: the firewall does not open Typha's port",
  nat_outgoing: "no such variable: pods reach the LAN and the internet by their machine's address",
  kube_apiserver_node_port_range:
    "no such variable: policies and schemas know the range 30000-32767",
  cluster_name: "no such variable: monitoring and checks ask for names in cluster.local",
  dns_domain: "no such variable: monitoring and checks ask for names in cluster.local",
  dns_mode: "no such variable: checks and policies know CoreDNS alone",
  container_manager: "no such variable: containerd is the only runtime that checks and power know",
  etcd_deployment_type: "no such variable: backups expect etcd as a service of the machine",
  kube_override_hostname: "no such variable: a node is called as its machine",
  etcd_data_dir: FIXED_PATH,
  etcd_config_dir: FIXED_PATH,
  etcd_cert_dir: FIXED_PATH,
  kube_config_dir: FIXED_PATH,
  kube_manifest_dir: FIXED_PATH,
  kube_cert_dir: FIXED_PATH,
  kube_cert_compat_dir: FIXED_PATH,
  bin_dir: FIXED_PATH,
  kube_controller_node_monitor_grace_period: FIXED_LIMIT,
  kube_controller_node_monitor_period: FIXED_LIMIT,
  kube_apiserver_pod_eviction_not_ready_timeout_seconds: FIXED_LIMIT,
  kube_apiserver_pod_eviction_unreachable_timeout_seconds: FIXED_LIMIT,
  kube_reserved_cgroups_for_service_slice: "no such variable: the kubelet's slice is fixed",
  preinstall_selinux_state: "no such variable: SELinux is permissive on every machine",
  kubelet_fail_swap_on: "no such variable: swap is off on every machine",
  kubeconfig_localhost: "no such variable; the kubeconfig is written by: npx vmstation kubeconfig",
  unsafe_show_logs: "no such variable: it writes secrets into the log",
};

/** What to do instead of setting `variable`; undefined where it contradicts nothing. */
export function insteadOf(variable: string): string | undefined {
  const key = KEYS[variable];
  if (key !== undefined) return `vmstation:${key}, which the other layers read too`;
  if (variable.startsWith("ansible_")) {
    return "vmstation:machines.NAME (address, sshPort, sshUser): the program itself connects by them";
  }
  return FIXED[variable];
}
