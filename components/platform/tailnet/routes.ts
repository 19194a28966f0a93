import { contains, overlap } from "../../shared/addresses";
import type { OpenQuestion } from "../../shared/facts";
import type { Problem } from "../../shared/problem";
import type { PlatformSite } from "../part";
import type { TailnetConfig } from "./config";

const PATH = "platform.tailnet";

/** Tailscale's own addresses, which each of its devices has one of (RFC 6598). */
const TAILSCALES_OWN = "100.64.0.0/10";

export type RoutesSite = Pick<PlatformSite, "machines" | "lan" | "network" | "offers">;

/** What it leads to: what is written, else the ingress and the server of names. */
export function routesOf(
  { routes }: Pick<TailnetConfig, "routes">,
  { offers }: RoutesSite,
): string[] {
  if (routes !== undefined) return [...new Set(routes)].sort();
  const own = [offers.ingress?.address, offers.names?.server];
  return own.flatMap((address) => (address === undefined ? [] : [`${address}/32`])).sort();
}

export function tailnetProblems(config: TailnetConfig, site: RoutesSite): Problem[] {
  const { lan, network } = site;
  const inside = [lan.cidr, network.podCidr, network.serviceCidr];
  const problems = (config.routes ?? []).flatMap((route, i): Problem[] => {
    const path = `${PATH}.routes[${i}]`;
    if (overlap(route, TAILSCALES_OWN))
      return [
        {
          path,
          found: `${route}, which overlaps ${TAILSCALES_OWN}, the addresses of Tailscale itself`,
          accepted: `a network in vmstation:lan.cidr ${lan.cidr}`,
        },
      ];
    if (inside.some((network) => within(network, route))) return [];
    return [
      {
        path,
        found: `${route}, which is not at home`,
        accepted: `a network in vmstation:lan.cidr ${lan.cidr}, such as 192.168.1.230/32 of the ingress`,
      },
    ];
  });
  const nowhere = routesOf(config, site).length === 0 && [
    {
      path: `${PATH}.routes`,
      found: "no route, and neither ingress nor names that it could lead to",
      accepted: "platform.ingress, platform.names, or routes such as [192.168.1.10/32]",
    },
  ];
  return [...problems, ...(nowhere || []), ...lanInside(site)];
}

function within(outer: string, inner: string): boolean {
  const [first = ""] = inner.split("/");
  const bits = (text: string): number => Number(text.split("/")[1]);
  return contains(outer, first) && bits(inner) >= bits(outer);
}

function lanInside({ lan }: RoutesSite): Problem[] {
  if (!overlap(lan.cidr, TAILSCALES_OWN)) return [];
  return [
    {
      path: "lan.cidr",
      found: `${lan.cidr}, which overlaps ${TAILSCALES_OWN}, the addresses of Tailscale (vmstation:${PATH})`,
      accepted: "a network such as 192.168.1.0/24",
    },
  ];
}

/** More than names: the devices of the tailnet reach SSH and BMCs too, as far as its policy lets them. */
export function wideRoutes({ routes = [] }: TailnetConfig, site: RoutesSite): OpenQuestion[] {
  return routes.flatMap((route, i) => {
    const reached = site.machines.filter(({ address }) => contains(route, address));
    if (reached.length === 0) return [];
    const names = reached.map(({ name }) => name).join(", ");
    return [
      {
        path: `${PATH}.routes[${i}]`,
        message: `${route} leads to ${names} themselves. Is the address of the ingress enough?`,
      },
    ];
  });
}
