import { HYPERVISOR } from "../../support/hypervisor";
import { machine, type Rejection } from "./rejection";

const pool = (...addresses: string[]) => [["platform"], { loadBalancer: { addresses } }] as const;

const ADDRESSES = "platform.loadBalancer.addresses";

/** Mistakes in what stands between the network and the apps. */
export const REJECTED_PLATFORM: readonly Rejection[] = [
  {
    name: "a pool that is no range",
    changes: [pool("192.168.8.232-192.168.8.230")],
    path: `${ADDRESSES}[0]`,
    found: /192\.168\.8\.232-192\.168\.8\.230/,
    accepted: /a range such as 192\.168\.1\.230-192\.168\.1\.239, or a network/,
  },
  {
    name: "a pool whose network has host bits",
    changes: [pool("192.168.8.225/29")],
    path: `${ADDRESSES}[0]`,
    found: /192\.168\.8\.225\/29/,
    accepted: /a network such as 192\.168\.1\.224\/28/,
  },
  {
    name: "a pool without a range",
    changes: [pool()],
    path: ADDRESSES,
    found: /\[\]/,
    accepted: /at least one range/,
  },
  {
    name: "a pool with machines in it, all named at once",
    changes: [pool("192.168.8.60/30")],
    path: `${ADDRESSES}[0]`,
    found:
      /^192\.168\.8\.60\/30 holds hazel 192\.168\.8\.62 \(vmstation:machines\.hazel\.address\),.* maple 192\.168\.8\.63 .* and spruce 192\.168\.8\.61 \(vmstation:machines\.spruce\.address\)$/,
    accepted: /addresses that nothing has/,
  },
  {
    name: "a pool with a BMC in it",
    changes: [
      pool("192.168.8.200-192.168.8.210"),
      [
        machine("hazel", "bmc"),
        { address: "192.168.8.205", user: "ops", passwordSecret: "bmcPassword" },
      ],
    ],
    path: `${ADDRESSES}[0]`,
    found: /holds the BMC of hazel 192\.168\.8\.205 \(vmstation:machines\.hazel\.bmc\.address\)$/,
    accepted: /addresses that nothing has/,
  },
  {
    name: "a pool with the router and the network's own address in it",
    changes: [pool("192.168.8.0/30")],
    path: `${ADDRESSES}[0]`,
    found:
      /holds the network itself 192\.168\.8\.0 .* and the router 192\.168\.8\.1 \(vmstation:lan\.gateway\)$/,
    accepted: /addresses that nothing has/,
  },
  {
    name: "a pool with hypervisors in it",
    changes: [pool("192.168.8.32/29"), [["hypervisor"], structuredClone(HYPERVISOR)]],
    path: `${ADDRESSES}[0]`,
    found:
      /holds the hypervisor pve-a 192\.168\.8\.33 \(vmstation:hypervisor\.hosts\.pve-a\.address\) and the hypervisor pve-b 192\.168\.8\.34/,
    accepted: /addresses that nothing has/,
  },
  {
    name: "a pool with the virtual address of the API server in it",
    changes: [
      pool("192.168.8.5-192.168.8.12"),
      [["bootstrap", "variables"], { kube_vip_enabled: true, kube_vip_address: "192.168.8.9" }],
    ],
    path: `${ADDRESSES}[0]`,
    found: /holds the API server's virtual address 192\.168\.8\.9/,
    accepted: /addresses that nothing has/,
  },
  {
    name: "a pool that overlaps another",
    changes: [pool("192.168.8.224/29", "192.168.8.230-192.168.8.233")],
    path: `${ADDRESSES}[1]`,
    found:
      /^192\.168\.8\.230-192\.168\.8\.233, which overlaps vmstation:platform\.loadBalancer\.addresses\[0\] 192\.168\.8\.224\/29$/,
    accepted: /share no address/,
  },
  {
    name: "a pool outside of the LAN",
    changes: [pool("192.168.9.224/29")],
    path: `${ADDRESSES}[0]`,
    found: /^192\.168\.9\.224\/29$/,
    accepted: /a range in vmstation:lan\.cidr 192\.168\.8\.0\/24/,
  },
  {
    name: "a pool among the cluster's services",
    changes: [pool("10.96.0.16/30")],
    path: `${ADDRESSES}[0]`,
    found: /^10\.96\.0\.16\/30, which vmstation:network\.serviceCidr 10\.96\.0\.0\/12 holds$/,
    accepted: /outside of the cluster's services/,
  },
  {
    name: "a BMC among the cluster's pods",
    changes: [
      [
        machine("hazel", "bmc"),
        { address: "10.244.0.5", user: "ops", passwordSecret: "bmcPassword" },
      ],
    ],
    path: "machines.hazel.bmc.address",
    found: /^10\.244\.0\.5, which vmstation:network\.podCidr 10\.244\.0\.0\/16 holds$/,
    accepted: /outside of the cluster's pods/,
  },
  {
    name: "a machine that sleeps and is to answer for addresses",
    changes: [
      [["platform"], { loadBalancer: { addresses: ["192.168.8.224/29"], machines: ["spruce"] } }],
    ],
    path: "platform.loadBalancer.machines[0]",
    found: /^spruce, which sleeps$/,
    accepted: /always-on/,
  },
  {
    name: "a machine that is to answer for addresses on a NIC without a name",
    changes: [
      [machine("maple", "nic"), undefined],
      [["platform"], { loadBalancer: { addresses: ["192.168.8.224/29"], machines: ["maple"] } }],
    ],
    path: "machines.maple.nic",
    found: /^nothing, on a machine that answers for platform\.loadBalancer\.addresses$/,
    accepted: /such as enp3s0/,
  },
  {
    name: "an unknown machine that is to answer for addresses",
    changes: [
      [["platform"], { loadBalancer: { addresses: ["192.168.8.224/29"], machines: ["mapple"] } }],
    ],
    path: "platform.loadBalancer.machines[0]",
    found: /^mapple, which is no machine here$/,
    accepted: /did you mean maple/,
  },
];
