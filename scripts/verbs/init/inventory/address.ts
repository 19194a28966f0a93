import { UserError } from "../../../kit/user-error";
import { strip } from "./python";
import { expandRanges } from "./ranges";

const NUMBERS = String.raw`\[\d+:\d+(?::\d+)?\]`;
const HEX = String.raw`\[[\da-f]+:[\da-f]+(?::\d+)?\]`;
const LETTERS = String.raw`\[(?:[a-z]:[a-z]|\d+:\d+)(?::\d+)?\]`;

const BYTE = `(?:[01]?\\d{1,2}|2[0-4]\\d|25[0-5]|${NUMBERS})`;
const IPV4 = new RegExp(`^(?:${BYTE}\\.){3}${BYTE}$`, "i");

const WORD = String.raw`[\p{L}\p{N}_]`;
const LABEL = `(?:${WORD}|${LETTERS})(?:[\\p{L}\\p{N}_-]|${LETTERS})*(?<![_-])`;
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, "iu");

const PIECE = `(?:[\\da-f]{1,4}|${HEX})`;

/** A host pattern's names, and the port behind it. */
export interface HostPattern {
  readonly hosts: readonly string[];
  readonly port: number | undefined;
}

/** "node[1:3].lan:2222": a port counts only behind what is a name or an address, ranges in it allowed. */
export function parseHostPattern(pattern: string): HostPattern {
  const { host, port } = splitPort(pattern);
  const isHost = IPV4.test(host) || isIpv6(host) || NAME.test(host);
  const hosts = expandRanges(isHost ? host : pattern);
  for (const name of hosts) {
    if (name === "") throw new UserError("the name of a host is empty");
    if (strip(name) === "---") throw new UserError("--- starts a YAML file and is not a host");
  }
  return { hosts, port: isHost ? port : undefined };
}

/** "[HOST]:PORT", then "HOST:PORT"; the one may hold the other. */
function splitPort(pattern: string): { host: string; port: number | undefined } {
  let host = pattern;
  let port: number | undefined;
  for (const form of [/^\[(.+)\]:(\d+)$/, /^((?:[^:[\]]|\[[^\]]*\])*):(\d+)$/]) {
    const [, before, digits] = form.exec(host) ?? [];
    if (before === undefined || digits === undefined) continue;
    host = before;
    port = Number(digits);
  }
  return { host, port };
}

/** Eight pieces, or fewer with one "::"; each may be a range. */
function isIpv6(text: string): boolean {
  const full = new RegExp(`^(?:${PIECE}:){7}${PIECE}$`, "i");
  const short = new RegExp(
    `^(?:${PIECE}(?::${PIECE}){0,6})?::(?:${PIECE}(?::${PIECE}){0,6})?$`,
    "i",
  );
  return full.test(text) || short.test(text);
}
