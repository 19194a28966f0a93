import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { SshLogin } from "./ssh-options";

/** What the operator's ssh settings say of a host, as `ssh -G` prints it. */
export interface SshSettings {
  readonly hostName: string;
  readonly user: string;
  readonly port: number;
  /** Hosts to go by, "user@host:port" each, the first one first. */
  readonly jumps: readonly string[];
  readonly proxyCommand: string | undefined;
  /** Paths of private keys; most are only ssh's defaults and need not exist. */
  readonly identityFiles: readonly string[];
  /** Socket of an agent; undefined where SSH_AUTH_SOCK says it, "none" for no agent. */
  readonly identityAgent: string | undefined;
  /** Files with the keys of known hosts. */
  readonly knownHosts: readonly string[];
  readonly hostKeyAlias: string | undefined;
}

/** A machine as the settings may speak of it. */
export interface NamedHost {
  readonly name: string;
  readonly address: string;
}

/** How the system's ssh is called for a machine, so that the operator's settings for it apply. */
export interface SshRoute {
  /** The machine's name where a Host block speaks of it, else its address. */
  readonly destination: string;
  readonly settings: SshSettings;
}

/** Names another file than ~/.ssh/config, as `ssh -F` does; "none" for no settings at all. */
const VARIABLE = "VMSTATION_SSH_CONFIG";

/** A name that no Host block speaks of. */
const NOBODY = "vmstation.invalid";

/** `-F FILE` where the operator names a file of settings. */
export function settingsArgs(env: NodeJS.ProcessEnv = process.env): string[] {
  const file = env[VARIABLE] ?? "";
  return file === "" ? [] : ["-F", file];
}

/** Whether the operator has settings of their own. ssh takes the home from the user's account, not from HOME. */
function hasSettings(): boolean {
  const file = process.env[VARIABLE] ?? "";
  if (file !== "") return file !== "none" && file !== "/dev/null";
  return existsSync(join(userInfo().homedir, ".ssh", "config"));
}

/** What `ssh -G` says of a host; undefined where ssh is missing or refuses its settings, which its own use then says. */
export function readSettings(
  host: string,
  options: readonly string[] = [],
): SshSettings | undefined {
  const printed = askSsh(host, options);
  return printed === undefined ? undefined : parseSettings(printed);
}

function askSsh(host: string, options: readonly string[] = []): string | undefined {
  const args = [...settingsArgs(), "-T", "-G", ...options, "--", host];
  try {
    const stdio: ("ignore" | "pipe")[] = ["ignore", "pipe", "ignore"];
    return execFileSync("ssh", args, { encoding: "utf8", stdio, timeout: 5000 });
  } catch {
    return undefined;
  }
}

/** Reads what `ssh -G` prints: a key, a blank and a value in each line. */
export function parseSettings(text: string): SshSettings {
  const lines = text.split("\n").map((line) => /^(\S+) (.*)$/.exec(line));
  const all = (key: string): string[] =>
    lines.flatMap((match) => (match?.[1] === key ? [match[2] ?? ""] : []));
  const one = (key: string): string | undefined =>
    all(key).find((value) => value !== "none" && value !== "");
  return {
    hostName: one("hostname") ?? "",
    user: one("user") ?? "",
    port: Number(one("port") ?? 22),
    jumps: one("proxyjump")?.split(",") ?? [],
    proxyCommand: one("proxycommand"),
    identityFiles: all("identityfile").flatMap((path) => expandPath(path) ?? []),
    identityAgent: readAgent(all("identityagent")[0]),
    knownHosts: [...all("userknownhostsfile"), ...all("globalknownhostsfile")]
      .flatMap((line) => line.split(" "))
      .flatMap((path) => expandPath(path) ?? []),
    hostKeyAlias: one("hostkeyalias"),
  };
}

/** An agent's socket is a path, or $VARIABLE alone; ssh uses no agent where that variable is not set. */
function readAgent(value: string | undefined): string | undefined {
  if (value === undefined || value === "SSH_AUTH_SOCK") return undefined;
  const variable = /^\$(?!\{)(.*)$/.exec(value)?.[1];
  if (variable !== undefined) return process.env[variable] ?? "none";
  return expandPath(value) ?? "none";
}

/**
 * `~`, ${VARIABLE} and the tokens that do not depend on the connection; undefined for "none" and for a path with other
 * tokens, or with a variable that is not set.
 */
function expandPath(path: string): string | undefined {
  if (path === "" || path === "none") return undefined;
  const { homedir, username } = userInfo();
  const tokens: Readonly<Record<string, string>> = { "%%": "%", "%d": homedir, "%u": username };
  const expanded = path
    .replace(/^~(?=\/)/, homedir)
    .replaceAll(/%.|\$\{(\w+)\}/g, (token, variable?: string) => {
      const value = variable === undefined ? tokens[token] : process.env[variable];
      return value ?? "\0";
    });
  return expanded.includes("\0") ? undefined : expanded;
}

/** What the arguments of ssh get of the operator's settings for a machine. */
export function loginSettings(machine: NamedHost): Pick<SshLogin, "destination" | "settings"> {
  return { destination: routeTo(machine)?.destination, settings: settingsArgs() };
}

const routes = new Map<string, SshRoute | undefined>();

/**
 * How ssh is called for a machine; undefined where the operator has no settings. A Host block counts under the machine's
 * address, and under its name where the block does not lead to another address: a name may be somebody else's as well.
 */
export function routeTo({ name, address }: NamedHost): SshRoute | undefined {
  if (!hasSettings()) return undefined;
  const key = `${process.env[VARIABLE] ?? ""} ${name} ${address}`;
  if (!routes.has(key)) routes.set(key, findRoute(name, address));
  return routes.get(key);
}

function findRoute(name: string, address: string): SshRoute | undefined {
  const own = askSsh(name);
  if (own === undefined) return undefined;
  const leads = parseSettings(own).hostName;
  const isOurs =
    leads === address ||
    (!isAddress(leads) && withoutHost(own) !== withoutHost(askSsh(NOBODY) ?? own));
  const destination = isOurs ? name : address;
  const settings = readSettings(destination, ["-o", `HostName=${address}`]);
  return settings === undefined ? undefined : { destination, settings };
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":");
}

/** All but the lines that merely repeat the host that was asked for. */
function withoutHost(printed: string): string {
  return printed.replaceAll(/^(?:host|hostname) .*$/gm, "");
}
