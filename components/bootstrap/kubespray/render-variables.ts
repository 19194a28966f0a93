import type { ClusterNetwork } from "../../network/addresses";
import { renderQuantity } from "../../shared/units";
import type { KubesprayConfig } from "./config";
import { ADDON_LABEL, usesBgp } from "../render-calico";
import { CLUSTER_DOMAIN } from "../../shared/cluster";

/** What the variables depend on beside the layer's own configuration. */
export interface VariablesContext {
  readonly clusterName: string;
  readonly network: ClusterNetwork;
  /** Whether a system without iptables is among the machines: all of the cluster then uses nftables. */
  readonly nftables: boolean;
  readonly controlPlanes: number;
  /** Names of the API server's certificate that Kubespray does not know, beside those of the configuration. */
  readonly lanNames: readonly string[];
  /** Where NodePorts answer; Kubespray's default where empty. */
  readonly nodePortNetworks: readonly string[];
}

/** Kubespray variables that belong together, and the tags of cluster.yml that apply a change of them. */
export interface VariableGroup {
  /** No tags: the whole playbook. */
  readonly tags: readonly string[];
  /**
   * Whether a change takes effect only where Kubespray writes the manifests of the control plane again, which it does
   * for an upgrade, or where it is told to by upgrade_cluster_setup.
   */
  readonly manifests?: boolean;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Kubespray pastes this into manifests as it is: a YAML mapping in a string. */
const ADDON_SELECTOR = `${ADDON_LABEL}: "true"`;

/** Where nothing sleeps: its webhook has to answer, and its pods would keep a machine awake. */
const CERT_MANAGER_PLACE = {
  cert_manager_nodeselector: { [ADDON_LABEL]: "true" },
  cert_manager_tolerations: [
    { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
  ],
};

function cluster(config: KubesprayConfig, context: VariablesContext): VariableGroup {
  const { network, controlPlanes, nodePortNetworks } = context;
  return {
    tags: [],
    manifests: true,
    variables: {
      cluster_name: CLUSTER_DOMAIN,
      container_manager: "containerd",
      etcd_deployment_type: "host",
      kube_network_plugin: "calico",
      kube_pods_subnet: network.podCidr,
      kube_service_addresses: network.serviceCidr,
      kube_apiserver_port: config.apiServerPort,
      kube_proxy_mode: context.nftables ? "nftables" : "iptables",
      kube_proxy_metrics_bind_address: "0.0.0.0:10249",
      ...(nodePortNetworks.length === 0 ? {} : { kube_proxy_nodeport_addresses: nodePortNetworks }),
      ...renderBalancer(config, controlPlanes),
      loadbalancer_apiserver_port: config.apiServerPort,
      resolvconf_mode: config.resolvConf,
      skydns_server: network.clusterDns,
      enable_nodelocaldns: config.addons.nodeLocalDns,
      kubeconfig_localhost: false,
      ntp_enabled: false,
      ...renderSources(config),
    },
  };
}

/**
 * With several control planes every worker gets a local nginx in front of their API servers, unless these have an
 * address together.
 */
function renderBalancer(
  { endpoint, apiServerPort }: KubesprayConfig,
  controlPlanes: number,
): Record<string, unknown> {
  if (endpoint === undefined) return { loadbalancer_apiserver_localhost: controlPlanes > 1 };
  return {
    loadbalancer_apiserver_localhost: false,
    loadbalancer_apiserver: { address: endpoint.address, port: apiServerPort },
  };
}

function renderSources(config: KubesprayConfig): Record<string, unknown> {
  const files = config.sources.files;
  if (files === undefined) return {};
  // Every download of Kubespray's is below one of these.
  return {
    github_url: `${files}/github.com`,
    dl_k8s_io_url: `${files}/dl.k8s.io`,
    storage_googleapis_url: `${files}/storage.googleapis.com`,
    get_helm_url: `${files}/get.helm.sh`,
  };
}

/** Of IPIP and VXLAN one at most; each as Calico's IPPool has it. */
function modeOf(kind: "IPIP" | "VXLAN", { encapsulation }: ClusterNetwork): string {
  if (!encapsulation.startsWith(kind)) return "Never";
  return encapsulation === kind ? "Always" : "CrossSubnet";
}

function calico(context: VariablesContext): VariableGroup {
  return {
    tags: ["download", "network", "policy-controller"],
    variables: {
      calico_ipip_mode: modeOf("IPIP", context.network),
      calico_vxlan_mode: modeOf("VXLAN", context.network),
      calico_network_backend: usesBgp(context.network) ? "bird" : "vxlan",
      calico_nftable_mode: context.nftables ? "Enabled" : "Disabled",
      calico_mtu: context.network.mtu,
      calico_veth_mtu: context.network.mtu,
      calico_apiserver_enabled: true,
      calico_policy_controller_deployment_nodeselector: ADDON_SELECTOR,
      nat_outgoing: true,
      typha_enabled: false,
    },
  };
}

function addons(config: KubesprayConfig): VariableGroup {
  return {
    tags: ["apps", "download"],
    variables: {
      coredns_deployment_nodeselector: ADDON_SELECTOR,
      dns_autoscaler_deployment_nodeselector: ADDON_SELECTOR,
      dns_min_replicas: 1,
      helm_enabled: config.addons.helm,
      metrics_server_enabled: config.addons.metricsServer,
      metrics_server_nodeselector: { [ADDON_LABEL]: "true" },
      cert_manager_enabled: config.addons.certManager,
      ...(config.addons.certManager ? CERT_MANAGER_PLACE : {}),
      metallb_enabled: config.addons.metallb,
      registry_enabled: config.addons.registry,
    },
  };
}

function kubelet(config: KubesprayConfig): VariableGroup {
  const { system, kube } = config.reserves;
  return {
    tags: ["node"],
    variables: {
      kubelet_max_pods: config.maxPods,
      // The amounts are subtracted in any case; the flags say that they are meant, and name the slices.
      system_reserved: true,
      system_cpu_reserved: system.cpu,
      system_memory_reserved: renderQuantity(system.memory),
      kube_reserved: true,
      kube_cpu_reserved: kube.cpu,
      kube_memory_reserved: renderQuantity(kube.memory),
      kube_reserved_cgroups_for_service_slice: "kube.slice",
    },
  };
}

function controlPlane(
  config: KubesprayConfig,
  { lanNames }: Pick<VariablesContext, "lanNames">,
): VariableGroup {
  return {
    tags: ["client", "control-plane"],
    manifests: true,
    variables: {
      supplementary_addresses_in_ssl_keys: [...new Set([...lanNames, ...config.apiServerSans])],
      kubernetes_audit: config.audit,
      kube_encrypt_secret_data: config.encryption,
      auto_renew_certificates: config.renewCertificates,
      kube_controller_node_monitor_grace_period: "40s",
      kube_controller_node_monitor_period: "5s",
      kube_apiserver_pod_eviction_not_ready_timeout_seconds: "300",
      kube_apiserver_pod_eviction_unreachable_timeout_seconds: "300",
    },
  };
}

function runtime(config: KubesprayConfig): VariableGroup {
  const mirrors = Object.entries(config.sources.registryMirrors);
  return {
    tags: ["container-engine", "download"],
    variables:
      mirrors.length === 0
        ? {}
        : {
            containerd_registries_mirrors: mirrors.map(([prefix, hosts]) => ({
              prefix,
              mirrors: hosts.map((host) => ({
                host,
                capabilities: ["pull", "resolve"],
                skip_verify: false,
              })),
            })),
          },
  };
}

/** The user's own. Absent where there are none, so that no cluster of before runs a playbook for it. */
function own({ variables }: KubesprayConfig): Readonly<Record<string, VariableGroup>> {
  return Object.keys(variables).length === 0
    ? {}
    : { [OWN_GROUP]: { tags: [], manifests: true, variables } };
}

/** Ansible reads the files of a group in the order of their names: the last one wins. */
const OWN_GROUP = "variables";

/** All variables, by group: one file of group_vars for each. The Kubernetes version comes with each step. */
export function renderVariables(
  config: KubesprayConfig,
  context: VariablesContext,
): Readonly<Record<string, VariableGroup>> {
  return {
    addons: addons(config),
    calico: calico(context),
    cluster: cluster(config, context),
    "control-plane": controlPlane(config, context),
    etcd: { tags: ["etcd"], variables: { etcd_metrics_port: 2381 } },
    kubelet: kubelet(config),
    runtime: runtime(config),
    ...own(config),
  };
}
