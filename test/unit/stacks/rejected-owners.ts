import type { Change } from "../../support/homelab";
import { HYPERVISOR } from "../../support/hypervisor";
import { machine, type Rejection } from "./rejection";

const DIGEST = "0".repeat(64);

const k3s = (addon: string): Change => [
  ["bootstrap"],
  { method: "k3s", checksums: { k3s: DIGEST }, addons: { [addon]: true } },
];

const LOAD_BALANCER = { addresses: ["192.168.8.230-192.168.8.232"] };

const platform = (parts: object): Change => [["platform"], parts];

/** A pool of four addresses, and what else names one of them. */
const pool = (...changes: Change[]): Change[] => [
  platform({ loadBalancer: { addresses: ["192.168.8.232/30"] } }),
  ...changes,
];

const ADDRESSES = "platform.loadBalancer.addresses[0]";

/** Two of one kind, and addresses that other devices of the home have. */
export const REJECTED_OWNERS: readonly Rejection[] = [
  {
    name: "K3s's own load balancer beside ours",
    changes: [k3s("serviceLb"), platform({ loadBalancer: LOAD_BALANCER })],
    path: "bootstrap.addons.serviceLb",
    found: /^true, beside vmstation:platform\.loadBalancer$/,
    accepted: /one of the two: take addons\.serviceLb or platform\.loadBalancer out/,
  },
  {
    name: "K3s's own ingress beside ours",
    changes: [
      k3s("traefik"),
      platform({ loadBalancer: LOAD_BALANCER, ingress: { address: "192.168.8.230" } }),
    ],
    path: "bootstrap.addons.traefik",
    found: /^true, beside vmstation:platform\.ingress$/,
    accepted: /one of the two/,
  },
  {
    name: "K3s's local folders beside ours, which go by the same name",
    changes: [k3s("localStorage"), platform({ storage: { local: { machines: ["maple"] } } })],
    path: "bootstrap.addons.localStorage",
    found: /^true, beside vmstation:platform\.storage\.local$/,
    accepted: /one of the two/,
  },
  {
    name: "Kubespray's cert-manager beside ours",
    changes: [
      [["bootstrap", "addons"], { certManager: true }],
      platform({ certificates: { issuer: "private" } }),
    ],
    path: "bootstrap.addons.certManager",
    found: /^true, beside vmstation:platform\.certificates$/,
    accepted: /one of the two/,
  },
  {
    name: "a pool with a monitor of Ceph in it",
    changes: [
      platform({
        loadBalancer: { addresses: ["192.168.8.232/30"] },
        storage: {
          ceph: {
            fsid: "b3b0fb5c-3f0b-4b1c-9d2f-5d0a2c3e4f50",
            monitors: ["192.168.8.233"],
            pool: "kubernetes",
            keySecret: "cephKey",
          },
        },
      }),
    ],
    path: ADDRESSES,
    found:
      /^192\.168\.8\.232\/30 holds a monitor of Ceph 192\.168\.8\.233 \(vmstation:platform\.storage\.ceph\.monitors\[0\]\)$/,
    accepted: /addresses that nothing has/,
  },
  {
    name: "a pool with a NAS in it that a class is on",
    changes: [
      platform({
        loadBalancer: { addresses: ["192.168.8.232/30"] },
        storage: { nfs: { server: "192.168.8.234", path: "/volume1" } },
      }),
    ],
    path: ADDRESSES,
    found: /holds an NFS server 192\.168\.8\.234 \(vmstation:platform\.storage\.nfs\.server\)$/,
    accepted: /addresses that nothing has/,
  },
  {
    name: "a pool with a NAS in it that a machine mounts",
    changes: pool([
      machine("maple", "mounts"),
      {
        "/mnt/nas": { source: { nfs: { server: "192.168.8.235", path: "/films" } }, type: "nfs4" },
      },
    ]),
    path: ADDRESSES,
    found: /holds an NFS server 192\.168\.8\.235 \(vmstation:machines\.maple\.mounts\./,
    accepted: /addresses that nothing has/,
  },
  {
    name: "a pool with the home's DNS server in it",
    changes: pool([machine("maple", "dns"), ["192.168.8.233"]]),
    path: ADDRESSES,
    found: /holds a DNS server 192\.168\.8\.233 \(vmstation:machines\.maple\.dns\[0\]\)$/,
    accepted: /addresses that nothing has/,
  },
  {
    name: "a pool with a device in it that sends its logs",
    changes: pool([["node", "remoteLogs"], { senders: { switch: "192.168.8.234" } }]),
    path: ADDRESSES,
    found:
      /holds switch, which sends logs, 192\.168\.8\.234 \(vmstation:node\.remoteLogs\.senders\.switch\)$/,
    accepted: /addresses that nothing has/,
  },
  {
    name: "Ceph's pool that holds the machines' disks",
    changes: [
      [["hypervisor"], structuredClone(HYPERVISOR)],
      platform({
        storage: {
          ceph: {
            fsid: "b3b0fb5c-3f0b-4b1c-9d2f-5d0a2c3e4f50",
            monitors: ["192.168.8.33"],
            pool: HYPERVISOR.storage,
            user: "admin",
            keySecret: "cephKey",
          },
        },
      }),
    ],
    path: "platform.storage.ceph.user",
    found: /admin/,
    accepted: /a client that may use this pool only/,
  },
  {
    name: "Let's Encrypt without a token for its proof",
    changes: [
      platform({
        ...{ domain: "rowan.se", internalDomain: "int.rowan.se" },
        certificates: { email: "me@rowan.se" },
      }),
    ],
    path: "platform.certificates.cloudflareTokenSecret",
    found: /^nothing$/,
    accepted: /letsencrypt-staging needs it/,
  },
  {
    name: "a LAN of Tailscale's own addresses beside a tailnet",
    changes: [
      [["lan"], { cidr: "100.64.8.0/24", gateway: "100.64.8.1", broadcast: "100.64.8.255" }],
      platform({ tailnet: { authSecret: "tailscaleKey", routes: ["100.64.8.2/32"] } }),
    ],
    path: "lan.cidr",
    found: /overlaps 100\.64\.0\.0\/10/,
    accepted: /192\.168\.1\.0\/24/,
  },
];
