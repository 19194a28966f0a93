import { contains, holds, overlap, share } from "../../components/shared/addresses";
import type { AddressUse } from "../../components/shared/facts";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";

/** Each address belongs to one thing: a machine, a device, a pool, or the cluster's own networks. */
export function addressRules(site: Site): Problem[] {
  return [
    ...twice(site),
    ...heldByPools(site),
    ...outsidePools(site),
    ...inClusterNetworks(site),
    ...overlappingNetworks(site),
    ...outsideLan(site),
    ...outsideNodes(site),
  ];
}

const isPool = ({ pool }: AddressUse): boolean => pool === "pool";
const isNetwork = ({ scope }: AddressUse): boolean => scope === "cluster";
const isSingle = (use: AddressUse): boolean => !isPool(use) && !isNetwork(use);

/** Whether it says more than the others: what is only named may be described, named before, or asked for of the pool. */
function isNews(use: AddressUse, i: number, all: readonly AddressUse[]): boolean {
  if (use.isNamed !== true) return use.pool === undefined;
  const others = all.filter(({ from }, at) => from === use.from && at !== i);
  return others.every((other) => other.isNamed === true && all.indexOf(other) > i);
}

/** Every use but the first of one address. */
function twice({ facts }: Site): Problem[] {
  const singles = facts.addresses.filter((use) => isSingle(use) && !use.isNamed);
  return singles.flatMap((later, i) => {
    const earlier = singles.slice(0, i).find((other) => other.from === later.from);
    if (earlier === undefined) return [];
    return [
      {
        path: later.path,
        found: `${later.written}, which vmstation:${earlier.path} has too`,
        accepted: "an address that nothing else has",
      },
    ];
  });
}

/** What a pool holds would in time be handed out: one problem for each pool, with all that it holds. */
function heldByPools({ facts }: Site): Problem[] {
  const singles = facts.addresses.filter(isSingle);
  return facts.addresses.filter(isPool).flatMap((pool, i, pools) => {
    const held = singles.filter((use, at) => share(pool, use) && isNews(use, at, singles));
    const others = pools.slice(0, i).filter((earlier) => share(pool, earlier));
    return [
      ...(held.length === 0 ? [] : [holding(pool, held)]),
      ...others.map((earlier) => ({
        path: pool.path,
        found: `${pool.written}, which overlaps vmstation:${earlier.path} ${earlier.written}`,
        accepted: "ranges that share no address",
      })),
    ];
  });
}

function holding(pool: AddressUse, held: readonly AddressUse[]): Problem {
  const names = held.map(({ user, written, path }) => `${user} ${written} (vmstation:${path})`);
  const last = names.pop() ?? "";
  return {
    path: pool.path,
    found: `${pool.written} holds ${names.length === 0 ? last : `${names.join(", ")} and ${last}`}`,
    accepted: "a range of addresses that nothing has, also not your router's DHCP",
  };
}

/** The load balancer gives out only what its pools have. */
function outsidePools({ facts }: Site): Problem[] {
  const pools = facts.addresses.filter(isPool);
  return facts.addresses
    .filter((use) => use.pool === "member" && !pools.some((pool) => holds(pool, use)))
    .map((use) => ({
      path: use.path,
      found: use.written,
      accepted:
        pools.length === 0
          ? "an address of vmstation:platform.loadBalancer.addresses, which is not there"
          : `an address of vmstation:platform.loadBalancer.addresses (${pools.map(({ written }) => written).join(", ")})`,
    }));
}

/** A machine takes each address of the cluster's networks for a pod or a Service. */
function inClusterNetworks({ config, facts }: Site): Problem[] {
  const networks = facts.addresses.filter(isNetwork);
  return facts.addresses
    .filter((use) => !isNetwork(use) && !use.isNamed)
    .flatMap((use) =>
      networks
        // Where the LAN itself overlaps, that is said already.
        .filter((network) => share(network, use) && !contains(config.lan.cidr, use.from))
        .filter((network) => use.scope !== "nodes" || network.holdsNodes !== true)
        .map((network) => ({
          path: use.path,
          found: `${use.written}, which vmstation:${network.path} ${network.written} holds`,
          accepted: `an address outside of ${network.user}`,
        })),
    );
}

function overlappingNetworks({ config, facts }: Site): Problem[] {
  const networks = [
    { path: "lan.cidr", written: config.lan.cidr },
    ...facts.addresses.filter(isNetwork),
  ];
  return networks.flatMap((later, i) =>
    networks
      .slice(0, i)
      .filter((earlier) => overlap(earlier.written, later.written))
      .map((earlier) => ({
        path: later.path,
        found: `${later.written}, which overlaps vmstation:${earlier.path} ${earlier.written}`,
        accepted: "networks of LAN, machines, pods and services that share no address",
      })),
  );
}

function outsideLan({ config, facts }: Site): Problem[] {
  const { cidr } = config.lan;
  return facts.addresses
    .filter(({ scope }) => scope === "lan")
    .filter(({ from, to }) => !contains(cidr, from) || !contains(cidr, to))
    .map((use) => ({
      path: use.path,
      found: use.written,
      accepted: `${isPool(use) ? "a range" : "an address"} in vmstation:lan.cidr ${cidr}`,
    }));
}

/** Where no network is declared, another rule says so, once. */
function outsideNodes({ facts }: Site): Problem[] {
  const [network] = facts.addresses.filter(({ holdsNodes }) => holdsNodes);
  if (network === undefined) return [];
  return facts.addresses
    .filter(({ scope, from }) => scope === "nodes" && !isUsable(network, from))
    .map(({ path, written }) => ({
      path,
      found: written,
      accepted: `an address of vmstation:${network.path} ${network.written}, neither its first nor its last one`,
    }));
}

const isUsable = (network: AddressUse, address: string): boolean =>
  contains(network.written, address) && ![network.from, network.to].includes(address);
