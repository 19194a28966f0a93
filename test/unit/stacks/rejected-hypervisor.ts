import {
  ASLEEP,
  AVAILABLE,
  HOST_ASLEEP,
  HOST_SLEEPS as SLEEPS,
  HYPERVISOR_KEY,
  keyed,
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

/** Virtual machines and their hosts: one configuration each. */
export const REJECTED_HYPERVISOR: readonly Rejection[] = [
  {
    name: "a virtual machine without a hypervisor",
    changes: [...VIRTUAL, [["hypervisor"], undefined]],
    path: "machines.maple.vm",
    found: /no hypervisor/,
    accepted: /vmstation:hypervisor, .* for a real machine no vm/,
  },
  {
    name: "a virtual machine on a host that is not there",
    changes: [...VIRTUAL, [machine("maple", "vm", "host"), "pve-aa"]],
    path: "machines.maple.vm.host",
    found: /pve-aa, which is no host/,
    accepted: /did you mean pve-a\?/,
  },
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
    name: "a real machine that hibernates",
    changes: [[machine("spruce", "power"), { mode: "sleeps", method: "hibernate" }]],
    path: "machines.spruce.power.method",
    found: /hibernate, on a machine without vm/,
    accepted: /suspend or poweroff/,
  },
  {
    name: "two virtual machines with one number",
    changes: [...VIRTUAL, [machine("spruce", "vm", "id"), 263]],
    path: "machines.spruce.vm.id",
    found: /263, which vmstation:machines\.maple\.vm\.id has too/,
    accepted: /no other machine/,
  },
  {
    name: "a virtual machine without memory",
    changes: [...VIRTUAL, [machine("spruce", "memory"), undefined]],
    path: "machines.spruce.memory",
    found: /nothing/,
    accepted: /such as 8Gi/,
  },
  {
    name: "more memory than the host has",
    changes: [...VIRTUAL, [machine("spruce", "memory"), "15Gi"]],
    path: "hypervisor.hosts.pve-b.memory",
    found: /15Gi for spruce 15Gi, of 14Gi/,
    accepted: /fits beside the host's own/,
  },
  {
    name: "a virtual NIC by a real one's name",
    changes: [...VIRTUAL, [machine("maple", "nic"), "enp1s0"]],
    path: "machines.maple.nic",
    found: /enp1s0/,
    accepted: /eth0/,
  },
  {
    name: "a virtual machine with a BMC",
    changes: [
      ...VIRTUAL,
      [machine("spruce", "bmc"), { address: "192.168.8.99", passwordSecret: "bmcPassword" }],
    ],
    path: "machines.spruce.bmc",
    found: /BMC of a virtual machine/,
    accepted: /API is its BMC/,
  },
  {
    name: "a virtual machine with a MAC address in the real ones' place",
    changes: [...VIRTUAL, [machine("maple", "mac"), "02:00:00:00:08:63"]],
    path: "machines.maple.mac",
    found: /02:00:00:00:08:63/,
    accepted: /machines\.maple\.vm\.mac/,
  },
  {
    name: "a virtual machine that is suspended",
    changes: [...ASLEEP, [machine("spruce", "power", "method"), "suspend"]],
    path: "machines.spruce.power.method",
    found: /suspend, on a virtual machine/,
    accepted: /poweroff/,
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
    name: "too little time for a host and then its machine",
    changes: [...HOST_ASLEEP, [machine("spruce", "power", "wakeTimeout"), "5m"]],
    path: "machines.spruce.power.wakeTimeout",
    found: /300s/,
    accepted: /10m or more: its host pve-b starts first/,
  },
  {
    name: "a host that has a machine's MAC address",
    changes: [
      ...HOST_ASLEEP,
      [["hypervisor", "hosts", "pve-b", "power"], { ...SLEEPS, mac: "02:00:00:00:08:61" }],
    ],
    path: "machines.spruce.vm.mac",
    found: /02:00:00:00:08:61/,
    accepted: /nothing else has/,
  },
  {
    name: "a hypervisor at a machine's address",
    changes: [...VIRTUAL, [["hypervisor", "hosts", "pve-a", "address"], "192.168.8.61"]],
    path: "machines.spruce.address",
    found: /vmstation:hypervisor\.hosts\.pve-a\.address has too/,
    accepted: /nothing else has/,
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
    name: "a disk that no system fits on",
    changes: [...VIRTUAL, [machine("maple", "vm", "disk"), "4Gi"]],
    path: "machines.maple.vm.disk",
    found: /4Gi/,
    accepted: /10Gi or more/,
  },
  {
    name: "a number that Proxmox keeps for itself",
    changes: [...VIRTUAL, [machine("maple", "vm", "id"), 99]],
    path: "machines.maple.vm.id",
    found: /99/,
    accepted: /100 to 999999999/,
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
    name: "pods whose frames do not fit into the network's",
    changes: [...NETWORKED, [["network", "mtu"], undefined]],
    path: "network.mtu",
    found: /1480 by default, and spruce is on homenet, which takes 1450/,
    accepted: /1430 or less, with the encapsulation IPIP/,
  },
  {
    name: "a network by the name of the hosts' own bridge",
    changes: [...NETWORKED, [["hypervisor", "network", "vnet"], "vmbr0"]],
    path: "hypervisor.network.vnet",
    found: /vmbr0, which is the hosts' own bridge/,
    accepted: /such as homenet/,
  },
  {
    name: "a key that is to be brought to a host without SSH",
    changes: [...keyed(), [["hypervisor", "hosts", "pve-a", "ssh"], undefined]],
    path: "machines.maple.vm.hostKeySecret",
    found: /mapleHostKey, and pve-a is not reached by SSH/,
    accepted: /hypervisor\.hosts\.pve-a\.ssh such as/,
  },
  {
    name: "one key for two machines",
    changes: [
      ...keyed(),
      [["hypervisor", "hosts", "pve-b", "ssh"], { hostKey: HYPERVISOR_KEY }],
      [machine("spruce", "vm", "hostKeySecret"), "mapleHostKey"],
    ],
    path: "machines.spruce.vm.hostKeySecret",
    found: /mapleHostKey, which vmstation:machines\.maple\.vm\.hostKeySecret is too/,
    accepted: /a secret of its own/,
  },
  {
    name: "a key of a kind that is not made",
    changes: [...keyed(), [machine("maple", "hostKey"), "ecdsa-sha2-nistp256 AAAAE2VjZHNh"]],
    path: "machines.maple.hostKey",
    found: /ecdsa-sha2-nistp256/,
    accepted: /ssh-ed25519 AAAA/,
  },
  {
    name: "high availability for a machine that sleeps",
    changes: [...ASLEEP, [machine("spruce", "vm", "ha"), {}]],
    path: "machines.spruce.vm.ha",
    found: /a machine that sleeps: Proxmox would start it at once/,
    accepted: /no ha, or machines\.spruce\.power\.mode always-on/,
  },
  {
    name: "high availability with one host",
    changes: [
      ...VIRTUAL,
      [["hypervisor", "hosts", "pve-b"], undefined],
      [machine("spruce", "vm", "host"), "pve-a"],
      [machine("spruce", "vm", "ha"), {}],
    ],
    path: "machines.spruce.vm.ha",
    found: /high availability, and pve-a alone is always on/,
    accepted: /two hosts or more under vmstation:hypervisor\.hosts that are always on/,
  },
  {
    name: "high availability with one host beside those that sleep",
    changes: [
      ...HOST_ASLEEP,
      [["hypervisor", "hosts", "pve-c"], undefined],
      [machine("maple", "vm", "ha"), {}],
    ],
    path: "machines.maple.vm.ha",
    found: /pve-a alone is always on/,
    accepted: /two hosts or more/,
  },
  {
    name: "high availability on a host that is not there",
    changes: [...AVAILABLE, [machine("maple", "vm", "ha"), { hosts: ["pve-a", "pve-bb"] }]],
    path: "machines.maple.vm.ha.hosts.1",
    found: /pve-bb, which is no host/,
    accepted: /did you mean pve-b\?/,
  },
  {
    name: "high availability on a host that sleeps",
    changes: [...HOST_ASLEEP, [machine("maple", "vm", "ha"), { hosts: ["pve-a", "pve-b"] }]],
    path: "machines.maple.vm.ha.hosts.1",
    found: /pve-b, a host that sleeps: it could not take maple over/,
    accepted: /always on/,
  },
  {
    name: "high availability that would move the machine away from its host",
    changes: [...AVAILABLE, [machine("maple", "vm", "ha"), { hosts: ["pve-b", "pve-a"] }]],
    path: "machines.maple.vm.ha.hosts.0",
    found: /pve-b, and machines\.maple\.vm\.host is pve-a/,
    accepted: /pve-a first, or vm\.host: pve-b/,
  },
  {
    name: "high availability on one host that is named",
    changes: [...AVAILABLE, [machine("maple", "vm", "ha"), { hosts: ["pve-a"] }]],
    path: "machines.maple.vm.ha.hosts",
    found: /pve-a/,
    accepted: /two hosts or more/,
  },
  {
    name: "high availability on the same host twice",
    changes: [...AVAILABLE, [machine("maple", "vm", "ha"), { hosts: ["pve-a", "pve-a"] }]],
    path: "machines.maple.vm.ha.hosts",
    found: /pve-a/,
    accepted: /each host once/,
  },
  {
    name: "high availability that is limited to hosts which are not named",
    changes: [...AVAILABLE, [machine("maple", "vm", "ha"), { strict: true }]],
    path: "machines.maple.vm.ha.strict",
    found: /true/,
    accepted: /`hosts` which it is limited to/,
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
