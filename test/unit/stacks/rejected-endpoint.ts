import { machine, type Rejection } from "./rejection";

const endpoint = (address: string): Rejection["changes"][number] => [
  ["bootstrap", "endpoint"],
  { address },
];
/** Besides maple. */
const TWO_MORE: readonly Rejection["changes"][number][] = ["71", "72"].map((last) => [
  machine(`plane${last}`),
  {
    ...{
      address: `192.168.8.${last}`,
      nic: "enp2s0",
      os: "debian-12",
      roles: ["control-plane", "etcd"],
    },
    ...{ sshUser: "robin", dns: ["1.1.1.1"], power: { mode: "always-on" } },
  },
]);

/** Virtual addresses of the API server that could not work. */
export const REJECTED_ENDPOINTS: readonly Rejection[] = [
  {
    name: "a virtual address with one control plane",
    changes: [endpoint("192.168.8.9")],
    path: "bootstrap.endpoint",
    found: /^192\.168\.8\.9, with 1 control plane$/,
    accepted: /two control planes or more/,
  },
  {
    name: "a virtual address outside the LAN",
    changes: [...TWO_MORE, endpoint("10.9.9.9")],
    path: "bootstrap.endpoint.address",
    found: /^10\.9\.9\.9$/,
    accepted: /an address in vmstation:lan\.cidr 192\.168\.8\.0\/24$/,
  },
  {
    name: "a virtual address that a machine has",
    changes: [...TWO_MORE, endpoint("192.168.8.63")],
    path: "bootstrap.endpoint.address",
    found: /^192\.168\.8\.63, which vmstation:machines\.maple\.address has too$/,
    accepted: /an address that nothing else has/,
  },
  {
    name: "a virtual address in a pool of MetalLB",
    changes: [
      ...TWO_MORE,
      endpoint("192.168.8.245"),
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
    path: "bootstrap.variables.metallb_config",
    found: /holds 192\.168\.8\.245 of vmstation:bootstrap\.endpoint\.address$/,
    accepted: /free addresses/,
  },
  {
    name: "two virtual addresses",
    changes: [
      ...TWO_MORE,
      endpoint("192.168.8.9"),
      [["bootstrap", "variables"], { kube_vip_enabled: true, kube_vip_address: "192.168.8.10" }],
    ],
    path: "bootstrap.endpoint",
    found: /kube_vip_enabled, which makes 192\.168\.8\.10 such an address too$/,
    accepted: /one of the two/,
  },
  {
    name: "a virtual address beside a balancer of the user's own",
    changes: [
      ...TWO_MORE,
      endpoint("192.168.8.9"),
      [
        ["bootstrap", "variables"],
        { loadbalancer_apiserver: { address: "192.168.8.10", port: 6443 } },
      ],
    ],
    path: "bootstrap.variables.loadbalancer_apiserver",
    found: /beside vmstation:bootstrap\.endpoint$/,
    accepted: /no such variable/,
  },
];
