import type { RemoteMachine } from "./machine";

/** A machine as OpenSSH's client is told of it. */
export interface SshLogin {
  /** The machine's name, under which `knownHosts` has its key. */
  readonly machine: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Seconds until the connection must be there. */
  readonly connectTimeout: number;
  /** Path of a file that {@link renderKnownHosts} wrote. */
  readonly knownHosts: string;
  /** Path of a private key; without it the operator's agent and settings decide. */
  readonly identity?: string | undefined;
  /** What ssh is called with in the host's place, for settings that speak of it; see ssh-settings.ts. */
  readonly destination?: string | undefined;
  /** Arguments that choose the operator's settings. */
  readonly settings?: readonly string[] | undefined;
}

/** Accepts the pinned key alone, asks no DNS and writes nothing down. */
function trustOptions({ machine, connectTimeout, knownHosts, identity }: SshLogin): string[] {
  return [
    `ConnectTimeout=${connectTimeout}`,
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile=${quotePath(knownHosts)}`,
    "GlobalKnownHostsFile=/dev/null",
    `HostKeyAlias=${machine}`,
    "UpdateHostKeys=no",
    "VerifyHostKeyDNS=no",
    // A shared connection is not new, and confirms nothing to a guarded change; one that stays open keeps the machine
    // awake.
    "ControlMaster=no",
    "ControlPath=none",
    ...(identity === undefined
      ? []
      : [`IdentityFile=${quotePath(identity)}`, "IdentitiesOnly=yes"]),
  ];
}

/** Nobody is there to be asked, and a connection that is gone ends. */
const UNATTENDED = [
  "BatchMode=yes",
  "ClearAllForwardings=yes",
  "ForwardAgent=no",
  "ServerAliveInterval=15",
  "ServerAliveCountMax=4",
  "LogLevel=ERROR",
];

function renderArgs(
  login: SshLogin,
  options: readonly string[],
  command: readonly string[],
): string[] {
  const { host, port, user, settings = [], destination = host } = login;
  const led = destination === host ? options : [...options, `HostName=${host}`];
  return [
    ...[...settings, ...led.flatMap((option) => ["-o", option])],
    ...["-p", String(port), "-l", user],
    ...["--", destination, ...command],
  ];
}

/** Arguments of `ssh` for a command that the program runs: nothing is asked, only the machine's pinned key is accepted. */
export function renderSshArgs(login: SshLogin, command: readonly string[]): string[] {
  return ["-T", ...renderArgs(login, [...UNATTENDED, ...trustOptions(login)], command)];
}

/**
 * Arguments of `ssh` for a session of the user's own: only the machine's pinned key is accepted, all else is as the
 * user's settings have it. ssh joins the words of a command, and the login shell there runs them.
 */
export function renderSessionArgs(
  login: SshLogin,
  session: {
    readonly command: readonly string[];
    /** Whether this end is a terminal; a command gets one only then, as a session without a command does. */
    readonly terminal: boolean;
  },
): string[] {
  const { command, terminal } = session;
  const force = terminal && command.length > 0 ? ["-t"] : [];
  return [...force, ...renderArgs(login, trustOptions(login), command)];
}

/** Arguments of `ssh-keyscan` for the keys of these types, "ed25519,ecdsa", that a machine shows. */
export function renderScanArgs(
  machine: { address: string; port: number },
  types: string,
): string[] {
  return ["-T", "5", "-p", String(machine.port), "-t", types, "--", machine.address];
}

/**
 * A path as OpenSSH reads it in an option: split at blanks outside of quotes, backslashes taken off quotes and
 * backslashes, per cent signs expanded. A variable, which it would put in for `${NAME}`, cannot be escaped.
 */
export function quotePath(path: string): string {
  if (path.includes("${")) {
    throw new Error(
      `ssh takes part of ${path} for a variable: use a folder without \${ in its name`,
    );
  }
  return `"${path.replaceAll(/["\\]/g, "\\$&").replaceAll("%", "%%")}"`;
}

/** The pinned keys as OpenSSH reads them, each under its machine's name. */
export function renderKnownHosts(
  machines: readonly Pick<RemoteMachine, "name" | "hostKey">[],
): string {
  return machines
    .flatMap(({ name, hostKey }) => (hostKey === undefined ? [] : [`${name} ${hostKey}\n`]))
    .join("");
}

/** A private key as ssh wants it in a file. */
export function renderIdentity(privateKey: string): string {
  return `${privateKey.trimEnd()}\n`;
}
