import type { ClusterArgs } from "./args";
import { addonMachines } from "./facts";

/** Whether all of the cluster uses nftables: RHEL 10 has no iptables. */
export function needsNftables(args: Pick<ClusterArgs, "machines">): boolean {
  return args.machines.some((machine) => machine.os === "rhel-10");
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

/** The spec of the Tigera operator's Installation: IP-in-IP between all machines, routes by BGP. */
export function renderCalicoSpec(args: ClusterArgs): object {
  return {
    calicoNetwork: {
      bgp: "Enabled",
      linuxDataplane: needsNftables(args) ? "Nftables" : "Iptables",
      mtu: args.network.mtu,
      ipPools: [
        {
          name: "default-ipv4-ippool",
          cidr: args.network.podCidr,
          blockSize: 26,
          encapsulation: "IPIP",
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
