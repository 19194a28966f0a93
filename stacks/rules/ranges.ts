import { methodOf } from "../../components/bootstrap/methods";
import * as ipaddr from "ipaddr.js";
import { bitsOf, broadcastOf, contains } from "../../components/shared/addresses";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";
import { CLUSTER_DOMAIN } from "../../components/shared/cluster";

/** What addresses and networks are for: broadcast, name servers, and room for pods and services. */
export function rangeRules(site: Site): Problem[] {
  return [
    ...wrongBroadcast(site),
    ...loopingDns(site),
    ...podRange(site),
    ...serviceRange(site),
    ...clusterDomains(site),
  ];
}

/** A magic packet to any other address reaches no machine that sleeps. */
function wrongBroadcast({ config }: Site): Problem[] {
  const { cidr, broadcast } = config.lan;
  const right = broadcastOf(cidr);
  if (broadcast === right || !contains(cidr, broadcast)) return [];
  return [
    {
      path: "lan.broadcast",
      found: `${broadcast}, an address within vmstation:lan.cidr ${cidr}`,
      accepted: `${right}, the last address of that network: magic packets go to all who are in it`,
    },
  ];
}

/** What no name server outside of the machine and its cluster has. */
function whyNoServer(address: string, { config, clusterDns }: Site): string | undefined {
  if (address === clusterDns) return "the cluster's own DNS";
  const { podCidr, serviceCidr } = config.network;
  if (contains(serviceCidr, address)) return "an address of the cluster's services";
  if (contains(podCidr, address)) return "an address of the cluster's pods";
  const kind = ipaddr.IPv4.parse(address).range();
  if (kind === "loopback") return "the machine itself: systemd-resolved or another local cache";
  if (kind === "linkLocal") return "a cache on the machine itself, such as NodeLocal DNS";
  if (["unspecified", "broadcast", "multicast"].includes(kind)) return "no host's";
  return undefined;
}

/** CoreDNS asks these from its pods: an address of CoreDNS or of the pod itself would be a loop. */
function loopingDns(site: Site): Problem[] {
  return site.machines.flatMap((machine) =>
    machine.dns.flatMap((address, i) => {
      const why = whyNoServer(address, site);
      if (why === undefined) return [];
      return [
        {
          path: `machines.${machine.name}.dns[${i}]`,
          found: `${address}, ${why}`,
          accepted: `a name server that is not in the cluster, such as your router ${site.config.lan.gateway} or 1.1.1.1`,
        },
      ];
    }),
  );
}

/** Kubernetes gives each machine a part of the pods' network, or Calico does. */
function podRange({ config, machines }: Site): Problem[] {
  const { podCidr } = config.network;
  const { nodeBits } = methodOf(config.bootstrap);
  const room = 2 ** (nodeBits - bitsOf(podCidr));
  if (room >= machines.length && bitsOf(podCidr) >= 8) return [];
  const most = Math.max(nodeBits - Math.ceil(Math.log2(machines.length)), 8);
  return [
    {
      path: "network.podCidr",
      found:
        room < machines.length
          ? `${podCidr}, which has room for ${Math.floor(room)} of ${machines.length} machines: each gets a /${nodeBits}`
          : `${podCidr}, which is larger than Kubernetes divides`,
      accepted: `a network from /8 to /${most}, such as 10.244.0.0/16`,
    },
  ];
}

/** Kubernetes' own limits: at most 2^20 services, and the tenth address is the cluster's DNS. */
function serviceRange({ config }: Site): Problem[] {
  const { serviceCidr } = config.network;
  const bits = bitsOf(serviceCidr);
  if (bits >= 12 && bits <= 28) return [];
  return [
    {
      path: "network.serviceCidr",
      found: `${serviceCidr}, which is too ${bits < 12 ? "large" : "small"} for the API server`,
      accepted: "a network from /12 to /28, such as 10.96.0.0/12",
    },
  ];
}

/** CoreDNS answers NXDOMAIN for every other name in the cluster's own domain. */
function clusterDomains({ config }: Site): Problem[] {
  const problems: Problem[] = [];
  const { domain } = config.lan;
  if (isIn(domain, CLUSTER_DOMAIN) || isIn(domain, "localhost")) {
    problems.push({
      path: "lan.domain",
      found: `${domain}, which ${isIn(domain, "localhost") ? "means the machine itself" : "is the cluster's own domain"}`,
      accepted: "another domain, such as vmstation.local",
    });
  }
  const { clusterDomain } = config.monitoring ?? {};
  if (clusterDomain !== undefined && clusterDomain !== CLUSTER_DOMAIN) {
    problems.push({
      path: "monitoring.clusterDomain",
      found: `${clusterDomain}, while every method installs the cluster with ${CLUSTER_DOMAIN}`,
      accepted: `${CLUSTER_DOMAIN}, or no key`,
    });
  }
  return problems;
}

function isIn(name: string, domain: string): boolean {
  return name.toLowerCase() === domain || name.toLowerCase().endsWith(`.${domain}`);
}
