import type { FirewallRule, PackageNeed } from "../shared/facts";
import type { Members } from "./method";

/** The Tigera operator always installs Typha, Calico's fan-out of its datastore. */
export function typha({ all }: Members): FirewallRule {
  return {
    ...{
      machines: all,
      purpose: "Calico Typha",
      protocol: "tcp",
      ports: [5473],
      from: ["machines"],
    },
  };
}

/** kubeadm's own preflight asks for conntrack; kubectl port-forward for socat. iptables is left out on a system that has no such package. */
export function clusterPackages({ all }: Members): PackageNeed {
  return {
    machines: all,
    debian: ["curl", "tar", "python3", "conntrack", "socat", "nftables", "iptables", "openssl"],
    rhel: [
      "curl",
      "tar",
      "python3",
      "conntrack-tools",
      "socat",
      "nftables",
      "iptables",
      "container-selinux",
      "openssl",
    ],
  };
}
