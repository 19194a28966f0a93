import * as ipaddr from "ipaddr.js";
import { absolutePath, cidr as cidrSchema } from "../../../components/shared/scalars";
import { isPackageFolder, isSystemFolder } from "../../../components/shared/folders";
import { covers } from "../../../components/shared/addresses";
import { type FoundExport, parseExports } from "./exports-file";
import type { Facts } from "./facts";
import { normalisePath } from "./paths";

/** An export as a configuration writes it. */
export interface ComposedExport {
  readonly readOnly?: boolean;
  readonly clients?: readonly string[];
}

/** What is exported otherwise than by default, and is not kept. */
const NOT_KEPT =
  /^(?:no_root_squash|all_squash|insecure|async|crossmnt|nohide|(?:anonuid|anongid|fsid|refer|replicas)=.*|sec=(?!sys$).*)$/;

/**
 * The exports of all files together. No client gets more rights than it has today. If clients of one folder differ in
 * their rights, none may write; a client that is no address of the LAN is left out. The file says both.
 */
export function composeExports(
  facts: Facts,
  lan: string,
  remarks: string[],
): Record<string, ComposedExport> {
  const composed: Record<string, ComposedExport> = {};
  for (const [folder, found] of byFolder(facts, remarks)) {
    const what = `${folder} is exported to ${describe(found)} today`;
    if (isSystemFolder(folder) || isPackageFolder(folder)) {
      remarks.push(`${what}; it is a folder of the system, so it is left out`);
    } else if (!absolutePath.safeParse(folder).success) {
      remarks.push(`${what}; its path has characters that are not accepted, so it is left out`);
    } else {
      const clients = [...new Set(found.flatMap(({ client }) => networkOf(client, lan) ?? []))];
      const isWhole = found.every(({ client }) => isOnLan(client, lan));
      if (clients.length === 0) {
        remarks.push(`${what}; none of them is an address in the LAN, so it is left out`);
        continue;
      }
      if (!isWhole) remarks.push(`${what}; here only the LAN may use NFS`);
      composed[folder] = composeOne(found, clients, lan, remarks);
    }
  }
  return composed;
}

/** All clients of each folder; of one that is there twice the first counts, as for exportfs. */
function byFolder(facts: Facts, remarks: string[]): Map<string, FoundExport[]> {
  const folders = new Map<string, FoundExport[]>();
  for (const { path, lines } of facts.exports) {
    const { exports, problem } = parseExports(lines);
    if (problem !== undefined) remarks.push(`${path}: exportfs stops reading there: ${problem}`);
    for (const found of exports) {
      const folder = normalisePath(found.folder);
      const known = folders.get(folder) ?? [];
      if (!known.some(({ client }) => client === found.client)) known.push(found);
      folders.set(folder, known);
    }
  }
  return folders;
}

function composeOne(
  found: readonly FoundExport[],
  clients: readonly string[],
  lan: string,
  remarks: string[],
): ComposedExport {
  const mine = found.filter(({ client }) => networkOf(client, lan) !== undefined);
  const writers = mine.filter(({ isWritable }) => isWritable);
  const isWritable = writers.length === mine.length;
  const [{ folder } = { folder: "" }] = found;
  if (writers.length > 0 && !isWritable) {
    const names = writers.map(({ client }) => client).join(", ");
    remarks.push(
      `${folder}: only ${names} may write today. Here all clients of a folder have the same rights, so none ` +
        "may write. readOnly: false allows all of them to write",
    );
  }
  const lost = new Set(mine.flatMap(({ options }) => options.filter((o) => NOT_KEPT.test(o))));
  if (lost.size > 0) remarks.push(`${folder}: these options are not kept: ${[...lost].join(", ")}`);
  return {
    ...(isWritable ? { readOnly: false } : {}),
    ...(clients.includes(lan) ? {} : { clients }),
  };
}

function describe(found: readonly FoundExport[]): string {
  const words = found.map(({ client, isWritable }) => `${client}(${isWritable ? "rw" : "ro"})`);
  return words.join(" ");
}

/** The part of the LAN that a client is; undefined for a name, a pattern or a network elsewhere. */
function networkOf(client: string, lan: string): string | undefined {
  if (client === "*") return lan;
  const network = toCidr(client);
  if (network === undefined) return undefined;
  if (covers(network, lan)) return lan;
  return covers(lan, network) ? network : undefined;
}

function isOnLan(client: string, lan: string): boolean {
  const network = toCidr(client);
  return network !== undefined && covers(lan, network);
}

/** An address, a network with its length, or one with a mask. */
function toCidr(client: string): string | undefined {
  const [address = "", mask = "32"] = client.split("/");
  if (!ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined;
  const bits = mask.includes(".") ? maskBits(mask) : Number(mask);
  if (bits === undefined || !Number.isInteger(bits) || bits < 0 || bits > 32) return undefined;
  if (bits === 0) return "0.0.0.0/0";
  const network = ipaddr.IPv4.networkAddressFromCIDR(`${address}/${bits}`).toString();
  return cidrSchema.safeParse(`${network}/${bits}`).data;
}

function maskBits(mask: string): number | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(mask)) return undefined;
  return ipaddr.IPv4.parse(mask).prefixLengthFromSubnetMask() ?? undefined;
}
