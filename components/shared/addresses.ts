import * as ipaddr from "ipaddr.js";
import type { AddressUse } from "./facts";

/** Whether two networks share an address. */
export function overlap(a: string, b: string): boolean {
  const [addressA, bitsA] = ipaddr.IPv4.parseCIDR(a);
  const [addressB, bitsB] = ipaddr.IPv4.parseCIDR(b);
  return addressA.match(addressB, Math.min(bitsA, bitsB));
}

/** Whether `address` lies in `network`. */
export function contains(network: string, address: string): boolean {
  return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(network));
}

/** Whether all of `inner` lies in `outer`. */
export function covers(outer: string, inner: string): boolean {
  const [, outerBits] = ipaddr.IPv4.parseCIDR(outer);
  const [innerAddress, innerBits] = ipaddr.IPv4.parseCIDR(inner);
  return innerBits >= outerBits && contains(outer, innerAddress.toString());
}

/** Whether all of `inner` lies in the networks together, which may each hold a part of it. */
export function coverTogether(networks: readonly string[], inner: string): boolean {
  if (networks.some((network) => covers(network, inner))) return true;
  // What is left has networks within it, so it can be halved; halves without any are not covered.
  return (
    networks.some((network) => overlap(network, inner)) &&
    halvesOf(inner).every((half) => coverTogether(networks, half))
  );
}

function halvesOf(cidr: string): [string, string] {
  const [, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const start = addressIn(cidr, 0);
  return [`${start}/${bits + 1}`, `${addressIn(cidr, 2 ** (31 - bits))}/${bits + 1}`];
}

/** The 24 of 10.0.0.0/24. */
export function bitsOf(cidr: string): number {
  return ipaddr.IPv4.parseCIDR(cidr)[1];
}

/** The last address of a network, which everybody in it listens to. */
export function broadcastOf(cidr: string): string {
  return ipaddr.IPv4.broadcastAddressFromCIDR(cidr).toString();
}

/** The address of that index in a network; 0 is the network's own. */
export function addressIn(cidr: string, index: number): string {
  const octets = ipaddr.IPv4.networkAddressFromCIDR(cidr).toByteArray();
  let carry = index;
  for (let i = octets.length - 1; i >= 0; i--) {
    const sum = (octets[i] ?? 0) + carry;
    octets[i] = sum % 256;
    carry = Math.floor(sum / 256);
  }
  return octets.join(".");
}

/** Addresses from one to another, both included. */
export interface AddressRange {
  readonly from: string;
  readonly to: string;
}

/** An address as a number, by which addresses are compared and counted. */
export function toNumber(address: string): number {
  return ipaddr.IPv4.parse(address)
    .toByteArray()
    .reduce((sum, octet) => sum * 256 + octet, 0);
}

/** "192.168.7.230-192.168.7.232" or "192.168.7.224/29"; undefined where it is neither, or its end comes before its start. */
export function parseRange(text: string): AddressRange | undefined {
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) {
    const from = addressIn(text, 0);
    return text.startsWith(`${from}/`) ? { from, to: broadcastOf(text) } : undefined;
  }
  const [from, to, ...more] = text.split("-").map((end) => end.trim());
  if (from === undefined || to === undefined || more.length > 0) return undefined;
  if (![from, to].every((end) => ipaddr.IPv4.isValidFourPartDecimal(end))) return undefined;
  return toNumber(from) <= toNumber(to) ? { from, to } : undefined;
}

/** How many addresses a range has. */
export function sizeOf({ from, to }: AddressRange): number {
  return toNumber(to) - toNumber(from) + 1;
}

/** Whether two ranges share an address. */
export function share(a: AddressRange, b: AddressRange): boolean {
  return toNumber(a.from) <= toNumber(b.to) && toNumber(b.from) <= toNumber(a.to);
}

/** Whether all of `inner` lies in `outer`. */
export function holds(outer: AddressRange, inner: AddressRange): boolean {
  return toNumber(outer.from) <= toNumber(inner.from) && toNumber(inner.to) <= toNumber(outer.to);
}

/** By what a script on a machine finds its interface on the LAN: the name, else the address that the interface has. */
export function lanInterface(machine: { readonly nic?: string; readonly address: string }): string {
  return machine.nic ?? machine.address;
}

/** By what the cluster's machines reach this one, and by what its Node is known: the LAN's address where it has no other. */
export function clusterAddressOf(machine: WithAddresses): string {
  return machine.clusterAddress ?? machine.address;
}

/** The addresses that a machine has for others, the LAN's first. */
export function addressesOf({ address, clusterAddress }: WithAddresses): string[] {
  return [address, ...(clusterAddress === undefined ? [] : [clusterAddress])];
}

export interface WithAddresses {
  readonly address: string;
  readonly clusterAddress?: string | undefined;
}

/** The network that machines have for themselves, where the key names one. */
export function nodeNetwork(path: string, cidr: string | undefined): AddressUse[] {
  if (cidr === undefined) return [];
  const range = { from: addressIn(cidr, 0), to: broadcastOf(cidr), written: cidr };
  const user = "the machines' own network";
  return [{ path, ...range, user, scope: "cluster", holdsNodes: true }];
}

/** An address of another device, which something here connects to; none where it is given by a name. */
export function namedAddress(path: string, address: string, user: string): AddressUse[] {
  if (!ipaddr.IPv4.isValidFourPartDecimal(address)) return [];
  const range = { from: address, to: address, written: address };
  return [{ path, ...range, user, scope: "anywhere", isNamed: true }];
}
