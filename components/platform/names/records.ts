import type { Problem } from "../../shared/problem";
import type { PlatformSite } from "../part";
import type { NamesConfig } from "./config";

const PATH = "platform.names";

/** One name below the internal domain: "nas", "jellyfin", or "*" for all others. */
export interface NameRecord {
  readonly name: string;
  readonly address: string;
  /** The key that says so. */
  readonly path: string;
}

export type NamesSite = Pick<
  PlatformSite,
  "machines" | "served" | "internalDomain" | "lan" | "offers"
>;

/** Name of the server itself in its zone. */
const SERVER = "ns";

/**
 * All names, sorted. A machine has its own whether it sleeps or not; an app that of where its port is. Where there is an
 * ingress, it gets every other name and knows which of them are apps.
 */
export function listRecords(config: NamesConfig, site: NamesSite): NameRecord[] {
  return uniqueRecords(claimed(config, site)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function claimed(config: NamesConfig, { machines, served, offers }: NamesSite): NameRecord[] {
  const ingress = offers.ingress?.address;
  return [
    { name: SERVER, address: config.address, path: `${PATH}.address` },
    ...machines.map(({ name, address }) => ({ name, address, path: `machines.${name}` })),
    ...Object.entries(config.records).map(([name, address]) => ({
      name,
      address,
      path: `${PATH}.records.${name}`,
    })),
    ...(ingress === undefined
      ? served.map(({ name, address }) => ({ name, address, path: `apps.${name}` }))
      : [{ name: "*", address: ingress, path: "platform.ingress" }]),
  ];
}

function uniqueRecords(records: readonly NameRecord[]): NameRecord[] {
  return records.filter(({ name }, i) => records.findIndex((each) => each.name === name) === i);
}

/** One name for two addresses, and a domain that nobody would ask it for. */
export function namesProblems(config: NamesConfig, site: NamesSite): Problem[] {
  const records = claimed(config, site);
  const twice = records.flatMap((later, i) => {
    const earlier = records.slice(0, i).find(({ name }) => name === later.name);
    if (earlier === undefined || earlier.address === later.address) return [];
    return [
      {
        path: later.path,
        found: `the name ${later.name} with the address ${later.address}, which vmstation:${earlier.path} has with ${earlier.address}`,
        accepted: "another name for one of them: both are below the internal domain",
      },
    ];
  });
  return [...twice, ...unasked(site)];
}

function unasked({ internalDomain, lan }: NamesSite): Problem[] {
  if (!/(^|\.)local$/i.test(internalDomain)) return [];
  return [
    {
      path: internalDomain === lan.domain ? "lan.domain" : "platform.internalDomain",
      found: `${internalDomain}: names below .local are asked by multicast, never of a DNS server`,
      accepted:
        "platform.internalDomain such as home.arpa, or int.example.org of a domain of yours",
    },
  ];
}
