import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quotePath } from "./ssh-options";
import { routeTo, settingsArgs, type NamedHost, type SshRoute } from "./ssh-settings";
import { answersSsh } from "./wake";

/** A machine, and where its sshd listens. */
export interface SshMachine extends NamedHost {
  readonly sshPort: number;
}

/** A look by way of another host takes two connections, in milliseconds. */
const SHORTEST = 5000;

/** Whether the machine's sshd answers within `timeout` ms: directly, or by the jump host of the operator's settings. */
export async function answers(machine: SshMachine, timeout: number): Promise<boolean> {
  const route = indirectRoute(machine);
  if (route === undefined) return answersSsh(machine.address, machine.sshPort, timeout);
  return (await showKey(machine, route, undefined, timeout)) !== undefined;
}

/** Whether the operator's settings lead to the machine by way of another host, where ssh-keyscan cannot go. */
export function isBehindJump(machine: NamedHost): boolean {
  return indirectRoute(machine) !== undefined;
}

/** The host key of one kind ("ssh-ed25519", …) that a machine behind a jump host shows; undefined for none. */
export async function scanByJump(machine: SshMachine, kind: string): Promise<string | undefined> {
  const route = indirectRoute(machine);
  return route === undefined ? undefined : showKey(machine, route, kind, SHORTEST);
}

function indirectRoute(machine: NamedHost): SshRoute | undefined {
  const route = routeTo(machine);
  if (route === undefined) return undefined;
  const { jumps, proxyCommand } = route.settings;
  return jumps.length > 0 || proxyCommand !== undefined ? route : undefined;
}

/** Lets ssh write down the key that it is shown. It then offers nothing to log in with, and is refused. */
async function showKey(
  { name, address, sshPort }: SshMachine,
  { destination }: SshRoute,
  kind: string | undefined,
  timeout: number,
): Promise<string | undefined> {
  const { execa } = await import("execa");
  const folder = await mkdtemp(join(tmpdir(), "vmstation-look-"));
  const knownHosts = join(folder, "known_hosts");
  const options = [
    ...["BatchMode=yes", "StrictHostKeyChecking=accept-new", "HashKnownHosts=no"],
    ...[`UserKnownHostsFile=${quotePath(knownHosts)}`, "GlobalKnownHostsFile=/dev/null"],
    ...[`HostKeyAlias=${name}`, `HostName=${address}`, "UpdateHostKeys=no", "VerifyHostKeyDNS=no"],
    ...["PreferredAuthentications=none", "ControlMaster=no", "ControlPath=none"],
    ...["ClearAllForwardings=yes", "LogLevel=ERROR"],
    ...(kind === undefined ? [] : [`HostKeyAlgorithms=${kind}`]),
  ];
  const args = [
    ...[...settingsArgs(), "-T", ...options.flatMap((option) => ["-o", option])],
    ...["-p", String(sshPort), "-l", "nobody", "--", destination, "true"],
  ];
  try {
    const limit = Math.max(timeout, SHORTEST);
    await execa("ssh", args, { ...{ reject: false, stdin: "ignore", timeout: limit } });
    const [line = ""] = (await readFile(knownHosts, "utf8")).split("\n");
    return line.split(" ").slice(1, 3).join(" ");
  } catch {
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
