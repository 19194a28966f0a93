import type { NetworkConfig } from "../network/config";
import type { ClusterArgs } from "./args";
import { systemOf } from "../shared/systems";
import { addonMachines } from "./addon-machines";

/** Whether all of the cluster uses nftables: some systems have no iptables. */
export function needsNftables(args: Pick<ClusterArgs, "machines">): boolean {
  return !args.machines.every((machine) => systemOf(machine).hasIptables);
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

/** Whether machines tell each other routes by BGP: with VXLAN Calico programs them by itself. */
export function usesBgp({ encapsulation }: Pick<NetworkConfig, "encapsulation">): boolean {
  return !encapsulation.startsWith("VXLAN");
}

/** The spec of the Tigera operator's Installation; `forwards` lets pods forward packets for others. */
export function renderCalicoSpec(args: ClusterArgs, { forwards = false } = {}): object {
  return {
    calicoNetwork: {
      ...(forwards ? { containerIPForwarding: "Enabled" } : {}),
      bgp: usesBgp(args.network) ? "Enabled" : "Disabled",
      linuxDataplane: needsNftables(args) ? "Nftables" : "Iptables",
      mtu: args.network.mtu,
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
