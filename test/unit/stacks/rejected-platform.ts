import type { Change } from "../../support/homelab";
import { HYPERVISOR } from "../../support/hypervisor";
import { machine, type Rejection } from "./rejection";

const pool = (...addresses: string[]) => [["platform"], { loadBalancer: { addresses } }] as const;

export const INGRESS = (...changes: Change[]): Change[] => [
  [
    ["platform"],
    {
      ...{ domain: "example.org", internalDomain: "int.example.org" },
      loadBalancer: { addresses: ["192.168.8.230-192.168.8.232"] },
      ingress: { address: "192.168.8.230" },
    },
  ],
  ...changes,
];

const HOST = ["apps", "jellyfin", "host"];

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
  {
    name: "Kubespray's own MetalLB beside ours",
    changes: [
      pool("192.168.8.230-192.168.8.232"),
      [["bootstrap", "addons"], { metallb: true }],
      [
        ["bootstrap", "variables"],
        {
          metallb_config: {
            address_pools: { home: { ip_range: ["192.168.8.241-192.168.8.250"] } },
            layer2: ["home"],
          },
        },
      ],
    ],
    path: "bootstrap.addons.metallb",
    found: /^true, beside vmstation:platform\.loadBalancer$/,
    accepted: /one of the two/,
  },
  {
    name: "an ingress without a load balancer",
    changes: [[["platform"], { ingress: { address: "192.168.8.230" } }]],
    path: "platform.ingress",
    found: /no load balancer/,
    accepted: /vmstation:platform\.loadBalancer, with 192\.168\.8\.230 among its addresses/,
  },
  {
    name: "an ingress at an address that the load balancer does not have",
    changes: INGRESS([["platform", "ingress", "address"], "192.168.8.240"]),
    path: "platform.ingress.address",
    found: /^192\.168\.8\.240$/,
    accepted: /addresses \(192\.168\.8\.230-192\.168\.8\.232\)/,
  },
  {
    name: "a name without an ingress",
    changes: [[HOST, "films"]],
    path: "apps.jellyfin.host",
    found: /^films, and nothing that would answer to it$/,
    accepted: /vmstation:platform\.ingress/,
  },
  {
    name: "a name that another app has",
    changes: INGRESS(
      [HOST, "grafana"],
      [["monitoring", "grafana"], { host: "grafana.int.example.org" }],
    ),
    path: "apps.jellyfin.host",
    found: /^grafana\.int\.example\.org, which vmstation:monitoring\.grafana\.host has too$/,
    accepted: /nothing else has/,
  },
  {
    name: "a name of another domain",
    changes: INGRESS([HOST, "films.example.net"]),
    path: "apps.jellyfin.host",
    found: /^films\.example\.net, which no certificate here is for$/,
    accepted: /below int\.example\.org or example\.org/,
  },
  {
    name: "a public name without a tunnel",
    changes: INGRESS([HOST, "films"], [["apps", "jellyfin", "access"], "public"]),
    path: "apps.jellyfin.access",
    found: /^public, and no way in from outside$/,
    accepted: /vmstation:platform\.tunnel/,
  },
  {
    name: "a public name that only home knows",
    changes: INGRESS([HOST, "films.int.example.org"], [["apps", "jellyfin", "access"], "public"]),
    path: "apps.jellyfin.host",
    found: /^films\.int\.example\.org, a public name within int\.example\.org/,
    accepted: /outside of it/,
  },
  {
    name: "the domain itself, where there is none",
    changes: INGRESS([["platform", "domain"], undefined], [HOST, "@"]),
    path: "apps.jellyfin.host",
    found: /^@, and no domain that it is a name of$/,
    accepted: /vmstation:platform\.domain/,
  },
  {
    name: "a wildcard as a name",
    changes: INGRESS([HOST, "*.example.org"]),
    path: "apps.jellyfin.host",
    found: /\*\.example\.org/,
    accepted: /a label such as photos/,
  },
  {
    name: "Let's Encrypt without an email",
    changes: [
      [["platform"], { domain: "rowan.se", certificates: { cloudflareTokenSecret: "dnsToken" } }],
    ],
    path: "platform.certificates.email",
    found: /^nothing$/,
    accepted: /letsencrypt-staging needs it/,
  },
  {
    name: "Let's Encrypt with the email of an example",
    changes: [
      [
        ["platform"],
        { certificates: { email: "me@example.org", cloudflareTokenSecret: "dnsToken" } },
      ],
    ],
    path: "platform.certificates.email",
    found: /me@example\.org/,
    accepted: /an address of yours/,
  },
  {
    name: "Let's Encrypt for names that only home knows",
    changes: [
      [["platform"], { certificates: { email: "me@rowan.se", cloudflareTokenSecret: "dnsToken" } }],
    ],
    path: "platform.certificates.issuer",
    found: /^letsencrypt-staging, for .*, which is no domain of the world$/,
    accepted: /^private, or vmstation:platform\.internalDomain/,
  },
  {
    name: "an internal domain that the token's zone does not hold",
    changes: [
      [
        ["platform"],
        {
          ...{ domain: "rowan.se", internalDomain: "rowan.lan" },
          certificates: { email: "me@rowan.se", cloudflareTokenSecret: "dnsToken" },
        },
      ],
    ],
    path: "platform.internalDomain",
    found: /^rowan\.lan, which is not a part of vmstation:platform\.domain rowan\.se$/,
    accepted: /such as int\.rowan\.se/,
  },
];
