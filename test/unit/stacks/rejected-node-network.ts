import { NETWORK, SECOND_NIC, VIRTUAL } from "../../support/hypervisor";
import type { Change } from "../../support/homelab";
import { NODE_ADDRESSES, NODE_NETWORK } from "../../support/node-network";
import { machine, type Rejection } from "./rejection";

/** A network that machines have for themselves: one configuration each. */
export const REJECTED_NODE_NETWORK: readonly Rejection[] = [
  {
    name: "a cluster's address without its NIC",
    changes: [...NODE_NETWORK, [machine("maple", "clusterNic"), undefined]],
    path: "machines.maple.clusterNic",
    found: /nothing, beside clusterAddress 10\.0\.0\.10/,
    accepted: /such as enp3s0; eth1 on a virtual machine/,
  },
  {
    name: "a cluster's NIC without its address",
    changes: [...NODE_NETWORK, [machine("maple", "clusterAddress"), undefined]],
    path: "machines.maple.clusterAddress",
    found: /nothing, beside clusterNic enp7s0/,
    accepted: /such as 10\.0\.0\.10; or no clusterNic/,
  },
  {
    name: "a machine outside of the network that the others have",
    changes: [
      ...NODE_NETWORK,
      [machine("hazel", "clusterAddress"), undefined],
      [machine("hazel", "clusterNic"), undefined],
    ],
    path: "machines.hazel.clusterAddress",
    found: /nothing, beside maple, spruce with one/,
    accepted: /in the same network, with clusterNic; or no machine has one/,
  },
  {
    name: "a cluster's address of no declared network",
    changes: [...NODE_NETWORK, [["node", "clusterCidr"], undefined]],
    path: "machines.hazel.clusterAddress",
    found: /10\.0\.0\.12, and no vmstation:node\.clusterCidr/,
    accepted: /such as 10\.0\.0\.0\/24/,
  },
  {
    name: "a second NIC of virtual machines whose network has no addresses",
    changes: [...SECOND_NIC, [["hypervisor", "network"], NETWORK]],
    path: "machines.hazel.clusterAddress",
    found: /10\.0\.0\.12, and no vmstation:hypervisor\.network\.cidr/,
    accepted: /such as 10\.0\.0\.0\/24/,
  },
  {
    name: "a cluster's address in another network",
    changes: [...NODE_NETWORK, [machine("maple", "clusterAddress"), "10.0.1.10"]],
    path: "machines.maple.clusterAddress",
    found: /^10\.0\.1\.10$/,
    accepted: /an address of vmstation:node\.clusterCidr 10\.0\.0\.0\/24/,
  },
  {
    name: "a cluster's address that is the network's last one",
    changes: [...SECOND_NIC, [machine("maple", "clusterAddress"), "10.0.0.255"]],
    path: "machines.maple.clusterAddress",
    found: /^10\.0\.0\.255$/,
    accepted: /hypervisor\.network\.cidr 10\.0\.0\.0\/24, neither its first nor its last one/,
  },
  {
    name: "two machines with one cluster's address",
    changes: [...NODE_NETWORK, [machine("spruce", "clusterAddress"), "10.0.0.10"]],
    path: "machines.spruce.clusterAddress",
    found: /10\.0\.0\.10, which vmstation:machines\.maple\.clusterAddress has too/,
    accepted: /nothing else has/,
  },
  {
    name: "a network of the machines within the LAN",
    changes: [
      ...NODE_NETWORK,
      [["node", "clusterCidr"], "192.168.8.128/25"],
      ...Object.keys(NODE_ADDRESSES).map((name, i): Change => [
        machine(name, "clusterAddress"),
        `192.168.8.${200 + i}`,
      ]),
    ],
    path: "node.clusterCidr",
    found: /192\.168\.8\.128\/25, which overlaps vmstation:lan\.cidr/,
    accepted: /share no address/,
  },
  {
    name: "a network of the machines that pods have",
    changes: [...SECOND_NIC, [["network", "podCidr"], "10.0.0.0/16"]],
    path: "network.podCidr",
    found: /10\.0\.0\.0\/16, which overlaps vmstation:hypervisor\.network\.cidr 10\.0\.0\.0\/24/,
    accepted: /share no address/,
  },
  {
    name: "a device of the LAN in the machines' own network",
    changes: [
      ...NODE_NETWORK,
      [machine("maple", "bmc"), { address: "10.0.0.99", passwordSecret: "bmcPassword" }],
    ],
    path: "machines.maple.bmc.address",
    found: /10\.0\.0\.99, which vmstation:node\.clusterCidr 10\.0\.0\.0\/24 holds/,
    accepted: /outside of the machines' own network/,
  },
  {
    name: "two networks of the machines",
    changes: [...SECOND_NIC, [["node", "clusterCidr"], "10.0.1.0/24"]],
    path: "node.clusterCidr",
    found: /10\.0\.1\.0\/24, beside vmstation:hypervisor\.network\.cidr 10\.0\.0\.0\/24/,
    accepted: /one of the two/,
  },
  {
    name: "both networks at one NIC",
    changes: [...NODE_NETWORK, [machine("maple", "nic"), "enp7s0"]],
    path: "machines.maple.clusterNic",
    found: /enp7s0, which is its nic on the LAN/,
    accepted: /another NIC/,
  },
  {
    name: "a second virtual NIC by a real one's name",
    changes: [...SECOND_NIC, [machine("maple", "clusterNic"), "ens19"]],
    path: "machines.maple.clusterNic",
    found: /ens19/,
    accepted: /eth1/,
  },
  {
    name: "both virtual NICs on one network",
    changes: [...SECOND_NIC, [machine("spruce", "vm", "bridge"), "homenet"]],
    path: "machines.spruce.vm.bridge",
    found: /homenet, which its second NIC is on/,
    accepted: /a bridge to the LAN/,
  },
  {
    name: "a real machine on the hypervisors' network",
    changes: [
      ...SECOND_NIC,
      [machine("hazel", "vm"), undefined],
      [machine("hazel", "clusterNic"), "enp7s0"],
    ],
    path: "machines.hazel.clusterAddress",
    found: /10\.0\.0\.12, on a real machine beside maple, spruce/,
    accepted: /joins Proxmox hosts alone/,
  },
  {
    name: "pods' packets that do not fit into the second NIC",
    changes: [...SECOND_NIC, [["network", "mtu"], undefined]],
    path: "network.mtu",
    found: /1480 by default, and \w+ is on homenet, which takes 1450/,
    accepted: /1430 or less/,
  },
  {
    name: "a variable by which Calico would look for another address",
    changes: [
      ...NODE_NETWORK,
      [["bootstrap", "variables"], { calico_ip_auto_method: "first-found" }],
    ],
    path: "bootstrap.variables.calico_ip_auto_method",
    found: /"first-found", with machines\.hazel\.clusterAddress/,
    accepted: /no such variable: Calico takes clusterAddress/,
  },
  {
    name: "a network of virtual machines declared as that of real ones",
    changes: [
      ...VIRTUAL,
      [["node", "clusterCidr"], "10.0.0.0/24"],
      [machine("maple", "clusterAddress"), "10.0.0.10"],
      [machine("maple", "clusterNic"), "eth1"],
    ],
    path: "machines.maple.clusterAddress",
    found: /10\.0\.0\.10, and no vmstation:hypervisor\.network\.cidr/,
    accepted: /the network that it is in/,
  },
];
