import { ASLEEP, AVAILABLE, HOST_ASLEEP, VIRTUAL } from "../../support/hypervisor";
import { machine, type Rejection } from "./rejection";

/** Virtual machines in high availability, and their pool: one configuration each. */
export const REJECTED_HA: readonly Rejection[] = [
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
