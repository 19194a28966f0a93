import * as ipaddr from "ipaddr.js";
import type { Facts } from "./facts";

/** Where clusters' own services lie by default: kubeadm and this program, Kubespray, RKE2 and K3s. */
const SERVICES = ["10.96.0.0/12", "10.233.0.0/18", "10.43.0.0/16"];
/** The machine itself, and what is only on its own link: NodeLocal DNS listens there. */
const LOCAL = ["127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/8"];

/** The servers that a machine asks, without what is only the machine itself or a cluster on it; else the router. */
export function findNameServers(facts: Facts, lan: string, gateway: string | undefined): string[] {
  const servers = facts.dns.filter(
    (server) =>
      !isIn(server, LOCAL) &&
      !facts.clusterDns.includes(server) &&
      // A LAN may have such addresses too.
      (isIn(server, [lan]) || !isIn(server, SERVICES)),
  );
  return servers.length > 0 || gateway === undefined ? [...new Set(servers)] : [gateway];
}

function isIn(address: string, networks: readonly string[]): boolean {
  return networks.some((network) =>
    ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(network)),
  );
}
