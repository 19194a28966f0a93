import { isIP } from "node:net";

/** The C library asks no more servers than these. */
const MOST = 3;

/**
 * The IPv4 name servers that programs ask, by glibc's rules for resolv.conf: the word begins its line, what follows the
 * address does not count, and of all servers, IPv6 among them, only three are asked.
 */
export function parseResolvConf(lines: readonly string[]): string[] {
  const servers = lines.flatMap((line) => {
    const [, word] = /^nameserver[ \t]+([^ \t]+)/.exec(line) ?? [];
    if (word === undefined) return [];
    const address = parseAddress(word);
    return address === undefined && !isIpv6(word) ? [] : [address];
  });
  return servers.slice(0, MOST).flatMap((address) => address ?? []);
}

/** As inet_aton reads it: fewer than four numbers, octal and hexadecimal ones too. */
function parseAddress(word: string): string | undefined {
  const parts = word.split(".").map(parseNumber);
  const last = parts.at(-1);
  const first = parts.slice(0, -1);
  if (last === undefined || parts.length > 4) return undefined;
  if (first.some((part) => part === undefined || part > 255)) return undefined;
  const room = 256 ** (4 - first.length);
  if (last >= room) return undefined;
  const high = first.reduce<number>((sum, part) => sum * 256 + (part ?? 0), 0);
  const value = high * room + last;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

function parseNumber(text: string): number | undefined {
  if (/^0[xX][\da-fA-F]+$/.test(text)) return Number(text);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

function isIpv6(word: string): boolean {
  const [address = ""] = word.split("%");
  return isIP(address) === 6;
}
