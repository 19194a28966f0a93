import { execFileSync } from "node:child_process";
import type { types } from "@pulumi/command";
import { readSettings, type NamedHost, type SshSettings, routeTo } from "./ssh-settings";

type Proxy = types.input.remote.ProxyConnectionArgs;

/** How resources get to a machine: nothing where directly, the jump host, or why they cannot. */
export interface Jump {
  readonly proxy?: Proxy;
  readonly problem?: string;
}

const ROUTE =
  "Only the program's resources are concerned: `vmstation ssh` and the other verbs use ssh itself. " +
  "Use one jump host, a VPN, or run this on a computer in the LAN. See docs/ssh.md.";

/** What the operator's ssh settings say of the way to a machine, in the terms of @pulumi/command. */
export function jumpTo(machine: NamedHost, dial: { attempts: number; timeout: number }): Jump {
  const settings = routeTo(machine)?.settings;
  if (settings === undefined) return {};
  const from = `Your ssh settings for ${machine.name} have`;
  if (settings.jumps.length === 0) {
    return settings.proxyCommand === undefined
      ? {}
      : { problem: `${from} a ProxyCommand, which resources cannot use. ${ROUTE}` };
  }
  const [jump = "", ...more] = settings.jumps;
  if (more.length > 0) {
    return { problem: `${from} ${settings.jumps.length} jump hosts; resources use one. ${ROUTE}` };
  }
  return throughHost(jump, dial);
}

/** The jump host as its own settings describe it, with the key by which ssh knows it. */
function throughHost(jump: string, dial: { attempts: number; timeout: number }): Jump {
  const { host, options } = parseJump(jump);
  const settings = readSettings(host, options);
  if (settings === undefined) return { problem: `ssh -G ${host} failed: try ssh ${host}` };
  if (settings.jumps.length > 0 || settings.proxyCommand !== undefined) {
    return { problem: `The jump host ${host} is behind another one; resources use one. ${ROUTE}` };
  }
  const hostKey = findKnownKey(settings);
  if (hostKey === undefined) {
    return {
      problem:
        `The key of the jump host ${host} is not in your known_hosts, or it is only an RSA key. ` +
        `Compare and accept it: ssh -o HostKeyAlgorithms=ssh-ed25519,ecdsa-sha2-nistp256 ${host} true`,
    };
  }
  const { hostName, port, user } = settings;
  return {
    proxy: {
      ...{ host: hostName, port, user, hostKey },
      ...{ dialErrorLimit: dial.attempts, perDialTimeout: dial.timeout },
    },
  };
}

/** "user@host:port" or "ssh://user@host:port", as ProxyJump takes them. */
export function parseJump(text: string): { host: string; options: string[] } {
  const match = /^(?:ssh:\/\/)?(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?\/?$/.exec(text);
  const [, user, host = text, port] = match ?? [];
  return {
    host: host.replaceAll(/^\[|\]$/g, ""),
    options: [
      ...(user === undefined ? [] : ["-l", user]),
      ...(port === undefined ? [] : ["-p", port]),
    ],
  };
}

/** Not RSA: @pulumi/command would ask for its SHA-1 signature, which no current sshd gives. */
const KINDS = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/** A line of known_hosts for a host. */
interface KnownKey {
  /** Such as @revoked. */
  readonly marker: string | undefined;
  /** Its kind and itself. */
  readonly key: string;
}

/** The key that ssh itself would accept, found by ssh-keygen, which also reads hashed names. */
function findKnownKey({
  hostKeyAlias,
  hostName,
  port,
  knownHosts,
}: SshSettings): string | undefined {
  const name = hostKeyAlias ?? (port === 22 ? hostName : `[${hostName}]:${port}`);
  const found = knownHosts.flatMap((file) => listKnownKeys(name, file));
  const revoked = found.filter(({ marker }) => marker === "@revoked").map(({ key }) => key);
  const usable = found
    .filter(({ marker, key }) => marker === undefined && !revoked.includes(key) && rank(key) >= 0)
    .map(({ key }) => key);
  return usable.sort((a, b) => rank(a) - rank(b))[0];
}

function rank(key: string): number {
  return KINDS.findIndex((kind) => key.startsWith(`${kind} `));
}

function listKnownKeys(name: string, file: string): KnownKey[] {
  try {
    const printed = execFileSync("ssh-keygen", ["-F", name, "-f", file], {
      ...{ encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 5000 },
    });
    return printed.split("\n").flatMap((line) => {
      const match = /^(?:(@\S+) )?[^#@\s]\S* (\S+ \S+)/.exec(line);
      return match === null ? [] : [{ marker: match[1], key: match[2] ?? "" }];
    });
  } catch {
    return [];
  }
}
