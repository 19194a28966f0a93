import { existsSync } from "node:fs";
import { parseJump } from "../../../components/remote/jump";
import { isMap, type StackConfig } from "../stack-file/stack-config";
import { readSettings, routeTo, type SshSettings } from "../../../components/remote/ssh-settings";

/** A machine, or a hypervisor's host, that a run logs in to. */
export interface KeyHost {
  readonly name: string;
  readonly address: string;
}

/** The machines of a stack's file and the hosts that are reached by SSH, whatever else is wrong in it. */
export function listKeyHosts(config: StackConfig): KeyHost[] {
  const hypervisor = config.get("vmstation:hypervisor");
  const hosts = isMap(hypervisor) ? hypervisor.hosts : undefined;
  return [
    ...listWithAddress(config.get("vmstation:machines"), () => true),
    ...listWithAddress(hosts, ({ ssh }) => isMap(ssh)),
  ];
}

function listWithAddress(
  all: unknown,
  isOne: (each: Record<string, unknown>) => boolean,
): KeyHost[] {
  return Object.entries(isMap(all) ? all : {}).flatMap(([name, each]) =>
    isMap(each) && typeof each.address === "string" && isOne(each)
      ? [{ name, address: each.address }]
      : [],
  );
}

/** What a run logs in with. */
export interface Found {
  /** Sockets of agents. */
  readonly agents: readonly string[];
  /** Private keys without a passphrase that none of the agents has. */
  readonly files: readonly string[];
}

/** The agents and key files that ssh would use for the machines, and for the jump hosts before them. */
export async function findKeys(
  machines: readonly KeyHost[],
  env: NodeJS.ProcessEnv,
): Promise<Found> {
  const settings = machines.map((machine) => settingsOf(machine));
  const all = [...settings, ...jumpHostsOf(settings)];
  const named = all.map(({ identityAgent }) => identityAgent ?? env.SSH_AUTH_SOCK ?? "none");
  const agents = [...new Set(named)].filter((socket) => socket !== "none" && existsSync(socket));
  const files = [...new Set(all.flatMap(({ identityFiles }) => identityFiles))].filter(existsSync);
  if (files.length === 0) return { agents, files };
  const known = new Set((await Promise.all(agents.map(listPublicKeys))).flat());
  const keys = await Promise.all(
    files.map(async (file) => ({ file, key: await readPublicKey(file) })),
  );
  const missing = keys.filter(({ key }) => key !== undefined && !known.has(key));
  return { agents, files: missing.map(({ file }) => file) };
}

/** Without settings of the operator's own, ssh's defaults: the agent, and key files of the usual names. */
function settingsOf(machine: KeyHost): SshSettings {
  return routeTo(machine)?.settings ?? defaults();
}

let usual: SshSettings | undefined;

function defaults(): SshSettings {
  usual ??= readSettings("vmstation.invalid") ?? NOTHING;
  return usual;
}

/** Where there is no ssh, there are no keys of its settings either. */
const NOTHING: SshSettings = {
  ...{ hostName: "", user: "", port: 22, jumps: [], proxyCommand: undefined },
  ...{ identityFiles: [], identityAgent: undefined, knownHosts: [], hostKeyAlias: undefined },
};

function jumpHostsOf(settings: readonly SshSettings[]): SshSettings[] {
  const names = new Set(settings.flatMap(({ jumps }) => jumps));
  return [...names].flatMap((name) => {
    const { host, options } = parseJump(name);
    return readSettings(host, options) ?? [];
  });
}

/** "type base64" of each key that an agent has. */
async function listPublicKeys(agent: string): Promise<string[]> {
  const { execa } = await import("execa");
  const options = { reject: false, env: { SSH_AUTH_SOCK: agent }, stdin: "ignore" } as const;
  const { stdout } = await execa("ssh-add", ["-L"], options);
  return stdout.split("\n").map((line) => line.split(" ").slice(0, 2).join(" "));
}

/**
 * The public half of a private key; undefined where it has a passphrase, which only an agent asks for, and where it is
 * in a FIDO token, whose touch and PIN only the operator's own agent can ask for.
 */
async function readPublicKey(file: string): Promise<string | undefined> {
  const { execa } = await import("execa");
  const options = { reject: false, stdin: "ignore" } as const;
  const { stdout, exitCode } = await execa("ssh-keygen", ["-y", "-P", "", "-f", file], options);
  const key = stdout.split(" ").slice(0, 2).join(" ").trim();
  return exitCode === 0 && key !== "" && !key.startsWith("sk-") ? key : undefined;
}
