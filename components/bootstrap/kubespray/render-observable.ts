import type { renderVariables } from "./render-variables";

type Groups = ReturnType<typeof renderVariables>;

/** What a cluster that this program did not make is compared with before it is adopted, by observe.py's names. */
export type Observable = Readonly<Record<string, string | readonly string[]>>;

/** Variables that show as they are, as a switch, or two of them together. */
const PLAIN = {
  proxyMode: "kube_proxy_mode",
  proxyMetrics: "kube_proxy_metrics_bind_address",
  ipipMode: "calico_ipip_mode",
  vxlanMode: "calico_vxlan_mode",
  calicoBackend: "calico_network_backend",
  calicoMtu: "calico_mtu",
  apiServerPort: "kube_apiserver_port",
  maxPods: "kubelet_max_pods",
  etcdMetricsPort: "etcd_metrics_port",
  notReadySeconds: "kube_apiserver_pod_eviction_not_ready_timeout_seconds",
  nodeMonitorGracePeriod: "kube_controller_node_monitor_grace_period",
} as const;

const SWITCHES = {
  audit: "kubernetes_audit",
  encryption: "kube_encrypt_secret_data",
  certificateRenewal: "auto_renew_certificates",
  helm: "helm_enabled",
  metricsServer: "metrics_server_enabled",
  nodeLocalDns: "enable_nodelocaldns",
  certManager: "cert_manager_enabled",
  metallb: "metallb_enabled",
  registry: "registry_enabled",
  calicoApiServer: "calico_apiserver_enabled",
} as const;

const PAIRS = {
  systemReserved: ["system_cpu_reserved", "system_memory_reserved"],
  kubeReserved: ["kube_cpu_reserved", "kube_memory_reserved"],
} as const;

/** The variables, whatever their group, as they show on a control plane. */
export function renderObservable(groups: Groups): Observable {
  const variables = new Map(
    Object.values(groups).flatMap((group) => Object.entries(group.variables)),
  );
  const text = (name: string): string => String(variables.get(name));
  const names = variables.get("supplementary_addresses_in_ssl_keys");
  const selector = /^(\S+): "(.*)"$/.exec(text("coredns_deployment_nodeselector"));
  return {
    ...mapValues(PLAIN, text),
    ...mapValues(SWITCHES, (name) => (variables.get(name) === true ? "on" : "off")),
    ...mapValues(PAIRS, (pair) => pair.map(text).join(" ")),
    certificateNames: Array.isArray(names) ? names.map(String) : [],
    ...(selector === null ? {} : { coreDnsSelector: `${selector[1] ?? ""}=${selector[2] ?? ""}` }),
  };
}

function mapValues<Value>(
  record: Readonly<Record<string, Value>>,
  render: (value: Value) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, render(value)]));
}
