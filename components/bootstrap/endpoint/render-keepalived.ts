import type { Machine } from "../../node/machine";

/** What keepalived on one control plane has to know. */
export interface VirtualAddress {
  readonly address: string;
  readonly interface: string;
  /** The machine itself. */
  readonly machine: Pick<Machine, "name" | "address">;
  /** The other control planes. */
  readonly peers: readonly Pick<Machine, "name" | "address">[];
  /** The command that says whether the machine may hold the address. */
  readonly check: readonly string[];
}

/** Where check-api.sh writes what is added to the priority. */
export const WEIGHT = "/run/vmstation-endpoint/weight";

/** By the last part of the address, so that two clusters on one LAN have different ones. */
export function routerId(address: string): number {
  const last = Number(address.split(".").at(-1));
  return last >= 1 && last <= 255 ? last : 1;
}

const lines = (depth: number, texts: readonly string[]): string =>
  texts.map((text) => `${" ".repeat(depth)}${text}`).join("\n");

/**
 * keepalived.conf of one control plane. Packets go to the other control planes by name, never by multicast, and only
 * their addresses are accepted. VRRP version 3 has no password: version 2's travels in plain text.
 *
 * Nobody takes the address from a machine that holds it well (nopreempt): one that comes back waits. Of two that hold it,
 * after a machine stood still or was cut off, the one with the higher priority keeps it; check-api.sh says which. It limits
 * itself: where keepalived stopped it as too slow, that would count as failed, and nobody would hold the address.
 */
export function renderKeepalived(wanted: VirtualAddress): string {
  const { address, machine, peers, check } = wanted;
  return `# Made by VMStation: changes are overwritten.
global_defs {
  router_id ${machine.name}
  vrrp_version 3
  script_user root
  enable_script_security
  # For switches and clients that forget.
  vrrp_garp_master_refresh 60
}

vrrp_script api {
  script "${check.join(" ")}"
  interval 1
  timeout 10
  fall 2
  rise 2
  init_fail
}

track_file weight {
  file ${WEIGHT}
  weight 1
}

vrrp_instance api {
  state BACKUP
  nopreempt
  interface ${wanted.interface}
  virtual_router_id ${routerId(address)}
  priority 100
  advert_int 1
  check_unicast_src
  unicast_src_ip ${machine.address}
  unicast_peer {
${lines(
  4,
  peers.map((peer) => peer.address),
)}
  }
  virtual_ipaddress {
    ${address}/32 dev ${wanted.interface}
  }
  track_script {
    api
  }
  track_file {
    weight
  }
}
`;
}
