import {
  ASLEEP,
  HOST_ASLEEP,
  HOST_SLEEPS as SLEEPS,
  NETWORK,
  NETWORKED,
  VIRTUAL,
} from "../../support/hypervisor";
import { CEPH } from "../platform/storage-sites";
import { machine, type Rejection } from "./rejection";

/** For 192.168.8.99 and pve-c.lan, for a hundred years. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBlDCCATmgAwIBAgIUTA96mqhX9wd+wPSycK3h7Z6eUdswCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFcHZlLWMwIBcNMjYxMTMwMjA0MjE5WhgPMjEyNjExMDYyMDQy
MTlaMBAxDjAMBgNVBAMMBXB2ZS1jMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
vlc5vj+OY53vmNRf336y+QyCMv4rsnfj2JJfT4Hw5NmvzPQJV3LNYvXSaHN7o5Ev
4lyZfDg7VesUGRWnkEwh56NvMG0wHQYDVR0OBBYEFAm0CAcKBdIVWI2NqhdVRGKc
ng3OMB8GA1UdIwQYMBaAFAm0CAcKBdIVWI2NqhdVRGKcng3OMA8GA1UdEwEB/wQF
MAMBAf8wGgYDVR0RBBMwEYcEwKgIY4IJcHZlLWMubGFuMAoGCCqGSM49BAMCA0kA
MEYCIQC6Y5r9HIdgVeP+uxm4IFiivZM3GZKAe6K/TIW0xTTWtQIhALQvs6kDo/Zs
57XvOOZvFGpY9qHl7d93sDwhXYy2YotG
-----END CERTIFICATE-----`;

/** Hosts of virtual machines: one configuration each. */
export const REJECTED_HOSTS: readonly Rejection[] = [
  {
    name: "a host's certificate that is for another address",
    changes: [...VIRTUAL, [["hypervisor", "hosts", "pve-b", "certificate"], CERTIFICATE]],
    path: "hypervisor.hosts.pve-b.certificate",
    found: /one for 192\.168\.8\.99, pve-c\.lan/,
    accepted: /for 192\.168\.8\.34, or for 192\.168\.8\.33 .* trust --hypervisor pve-b/,
  },
  {
    name: "an address of the API that no pinned certificate is for",
    changes: [
      ...VIRTUAL,
      [["hypervisor", "hosts", "pve-b", "address"], "192.168.8.99"],
      [["hypervisor", "hosts", "pve-b", "certificate"], CERTIFICATE],
    ],
    path: "hypervisor.endpoint",
    found: /192\.168\.8\.33:8006, which no certificate/,
    accepted: /one of 192\.168\.8\.99, pve-c\.lan; or the certificate/,
  },
  {
    name: "more memory than the host has",
    changes: [...VIRTUAL, [machine("spruce", "memory"), "15Gi"]],
    path: "hypervisor.hosts.pve-b.memory",
    found: /15Gi for spruce 15Gi, of 14Gi/,
    accepted: /fits beside the host's own/,
  },
  {
    name: "a virtual machine that sleeps and cannot be woken",
    changes: [...ASLEEP, [["hypervisor", "powerTokenSecret"], undefined]],
    path: "hypervisor.powerTokenSecret",
    found: /nothing, and spruce would not be woken again/,
    accepted: /may start machines/,
  },
  {
    name: "one token for everything",
    changes: [...ASLEEP, [["hypervisor", "powerTokenSecret"], "proxmoxToken"]],
    path: "hypervisor.powerTokenSecret",
    found: /proxmoxToken, which is hypervisor\.tokenSecret too/,
    accepted: /a token of its own/,
  },
  {
    name: "a host that sleeps under a machine that does not",
    changes: [...HOST_ASLEEP, [machine("spruce", "power"), { mode: "always-on" }]],
    path: "hypervisor.hosts.pve-b.power.mode",
    found: /sleeps, with spruce on it, always-on/,
    accepted: /machines on it that all sleep/,
  },
  {
    name: "a host that sleeps, and that no machine would wake",
    changes: [...HOST_ASLEEP, [["hypervisor", "hosts", "pve-c", "power"], SLEEPS]],
    path: "hypervisor.hosts.pve-c.power.mode",
    found: /none of the stack's machines/,
    accepted: /always-on/,
  },
  {
    name: "hosts that sleep until quorum is lost",
    changes: [...HOST_ASLEEP, [["hypervisor", "hosts", "pve-c"], undefined]],
    path: "hypervisor.hosts.pve-b.power.mode",
    found: /without pve-b 1 of 2 hosts are left, and quorum needs 2/,
    accepted: /at most 0 hosts that sleep/,
  },
  {
    name: "a host that sleeps with a monitor of Ceph",
    changes: [
      ...HOST_ASLEEP,
      [["platform"], { storage: { ceph: { ...CEPH, monitors: ["192.168.8.34"] } } }],
    ],
    path: "hypervisor.hosts.pve-b.power.mode",
    found: /sleeps, with the monitor of Ceph 192\.168\.8\.34 on it/,
    accepted: /always-on: without its monitors Ceph has no quorum/,
  },
  {
    name: "an image that changes under its checksum",
    changes: [
      ...VIRTUAL,
      [
        ["hypervisor", "image", "url"],
        "https://mirror.example.org/bookworm/latest/debian-12.qcow2",
      ],
    ],
    path: "hypervisor.image.url",
    found: /latest/,
    accepted: /an image of one day/,
  },
  {
    name: "a hypervisor's API without TLS",
    changes: [...VIRTUAL, [["hypervisor", "endpoint"], "http://192.168.8.33:8006"]],
    path: "hypervisor.endpoint",
    found: /http:/,
    accepted: /by https/,
  },
  {
    name: "a network's zone with a name that Proxmox refuses",
    changes: [...NETWORKED, [["hypervisor", "network", "zone"], "home-zone"]],
    path: "hypervisor.network.zone",
    found: /home-zone/,
    accepted: /2 to 8 letters and digits, a letter first, such as homenet/,
  },
  {
    name: "a network with a name that is too long for a bridge",
    changes: [...NETWORKED, [["hypervisor", "network", "vnet"], "homenetwork"]],
    path: "hypervisor.network.vnet",
    found: /homenetwork/,
    accepted: /2 to 8 letters/,
  },
  {
    name: "a network by a number that VXLAN does not have",
    changes: [...NETWORKED, [["hypervisor", "network", "tag"], 16_777_216]],
    path: "hypervisor.network.tag",
    found: /16777216/,
    accepted: /1 to 16777215/,
  },
  {
    name: "a network whose frames do not fit into those of a host",
    changes: [...NETWORKED, [["hypervisor", "network"], { ...NETWORK, mtu: 1500 }]],
    path: "hypervisor.network.mtu",
    found: /1500, and the NIC of pve-a takes 1500 bytes, of which VXLAN needs 50/,
    accepted: /1450 or less, or hypervisor\.hosts\.pve-a\.mtu where it has jumbo frames/,
  },
  {
    name: "a network by the name of the hosts' own bridge",
    changes: [...NETWORKED, [["hypervisor", "network", "vnet"], "vmbr0"]],
    path: "hypervisor.network.vnet",
    found: /vmbr0, which is the hosts' own bridge/,
    accepted: /such as homenet/,
  },
  {
    name: "a pool that Proxmox would not make",
    changes: [...VIRTUAL, [["hypervisor", "pool"], { name: "9lives", manage: true }]],
    path: "hypervisor.pool.name",
    found: /9lives/,
    accepted: /begins with a letter/,
  },
  {
    name: "a pool that is no name",
    changes: [...VIRTUAL, [["hypervisor", "pool"], { manage: true }]],
    path: "hypervisor.pool",
    found: /manage/,
    accepted: /name/,
  },
];
