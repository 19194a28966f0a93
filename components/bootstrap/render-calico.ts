import type { NodeNetwork } from "../network/addresses";
import type { NetworkConfig } from "../network/config";
import type { ClusterArgs } from "./args";
import { ANY_MACHINE, SLEEPS_WITH } from "../shared/labels";
import { systemOf } from "../shared/systems";
import { addonMachines } from "./addon-machines";

/** Whether all of the cluster uses nftables: some systems have no iptables. */
export function needsNftables(args: Pick<ClusterArgs, "machines">): boolean {
  return !args.machines.every((machine) => systemOf(machine).hasIptables);
}

/**
 * The networks in which NodePorts answer; none where kube-proxy's default is right. By nftables that is the address of
 * the Node alone, and the LAN has another one.
 */
export function nodePortNetworks({
  machines,
  network: { nodeCidr, lanCidr },
}: Pick<ClusterArgs, "machines" | "network">): string[] {
  return nodeCidr === undefined || !needsNftables({ machines }) ? [] : [lanCidr, nodeCidr];
}

/** Binds a floating add-on to an always-on machine. */
export function addonSelector(args: ClusterArgs): Readonly<Record<string, string>> {
  return addonMachines(args.config, args.machines).length === 0 ? {} : { [ADDON_LABEL]: "true" };
}

/** The label of machines that CoreDNS and other floating add-ons are bound to. */
export const ADDON_LABEL = "vmstation.io/addons";

export const CONTROL_PLANE_TOLERATION = {
  key: "node-role.kubernetes.io/control-plane",
  operator: "Exists",
  effect: "NoSchedule",
} as const;

/** Has pods run on machines that never sleep, where one takes them. */
function addonAffinity(args: ClusterArgs): object {
  const matchExpressions = Object.entries(addonSelector(args)).map(([key, value]) => ({
    key,
    operator: "In",
    values: [value],
  }));
  if (matchExpressions.length === 0) return {};
  const preferred = [{ weight: 100, preference: { matchExpressions } }];
  return { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } };
}

/**
 * Typha, of which the operator wants two for three machines and three for five, whatever sleeps. Each machine's Calico
 * goes over to another one by itself, so that none of them keeps its machine awake.
 */
function renderTypha(args: ClusterArgs): object {
  const metadata = { labels: { [SLEEPS_WITH]: ANY_MACHINE } };
  return { spec: { template: { metadata, spec: { affinity: addonAffinity(args) } } } };
}

/** What is changed of the operator's own Deployment, as its manifest has it. */
export function renderOperatorPatch(args: ClusterArgs): object {
  return { spec: { template: { spec: { affinity: addonAffinity(args) } } } };
}

/** Whether machines tell each other routes by BGP: with VXLAN Calico programs them by itself. */
export function usesBgp({ encapsulation }: Pick<NetworkConfig, "encapsulation">): boolean {
  return !encapsulation.startsWith("VXLAN");
}

/** By default Calico takes the first NIC that it finds. */
function renderAutodetection({ nodeCidr }: NodeNetwork): object {
  return nodeCidr === undefined ? {} : { nodeAddressAutodetectionV4: { cidrs: [nodeCidr] } };
}

/** The spec of the Tigera operator's Installation; `forwards` lets pods forward packets for others. */
export function renderCalicoSpec(args: ClusterArgs, { forwards = false } = {}): object {
  return {
    calicoNetwork: {
      ...(forwards ? { containerIPForwarding: "Enabled" } : {}),
      bgp: usesBgp(args.network) ? "Enabled" : "Disabled",
      linuxDataplane: needsNftables(args) ? "Nftables" : "Iptables",
      mtu: args.network.mtu,
      ...renderAutodetection(args.network),
      ipPools: [
        {
          name: "default-ipv4-ippool",
          cidr: args.network.podCidr,
          blockSize: 26,
          encapsulation: args.network.encapsulation,
          natOutgoing: "Enabled",
          nodeSelector: "all()",
        },
      ],
    },
    controlPlaneNodeSelector: addonSelector(args),
    controlPlaneReplicas: 1,
    controlPlaneTolerations: [CONTROL_PLANE_TOLERATION],
    typhaDeployment: renderTypha(args),
  };
}

/** Calico by its operator: the installation and its API server. */
export function renderCalico(
  args: ClusterArgs,
  more: { readonly forwards?: boolean } = {},
): readonly object[] {
  const api = "operator.tigera.io/v1";
  return [
    {
      apiVersion: api,
      kind: "Installation",
      metadata: { name: "default" },
      spec: renderCalicoSpec(args, more),
    },
    { apiVersion: api, kind: "APIServer", metadata: { name: "default" }, spec: {} },
  ];
}
