import { VIRTUAL } from "../../support/hypervisor";
import { machine, type Rejection } from "./rejection";

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
    name: "a virtual machine that sleeps",
    changes: [...VIRTUAL, [machine("spruce", "power"), { mode: "sleeps" }]],
    path: "machines.spruce.power.mode",
    found: /sleeps, on a virtual machine/,
    accepted: /always-on/,
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
];
