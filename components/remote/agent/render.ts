import type { RemoteMachine } from "../machine";
import type { AgentRole } from "./role";

/** The controller's key: from its address only, and only for the gate. `publicKey`: "ssh-ed25519 AAAA… comment". */
export function renderAuthorizedKey(
  role: Pick<AgentRole, "gate">,
  publicKey: string,
  controllerAddress: string,
): string {
  const key = publicKey.trim().split("\n").at(-1) ?? "";
  if (!/^ssh-ed25519 [A-Za-z0-9+/]+=*( .*)?$/.test(key)) {
    throw new Error(`not a public key: ${key.slice(0, 40)}`);
  }
  const options = ["restrict", `from="${controllerAddress}"`, `command="${role.gate}"`];
  return `${options.join(",")} ${key}\n`;
}

/** What a machine lets the controller's account run as root: the agent with these words, exactly. */
export function renderSudoers(
  { account, command }: Pick<AgentRole, "account" | "command">,
  words: readonly string[],
): string {
  const commands = words.map((each) => `${command} ${each}`);
  return `${account} ALL=(root) NOPASSWD: ${commands.join(", ")}\n`;
}

/** known_hosts of the machines whose host key is pinned; ssh refuses the others. */
export function renderKnownHosts(
  machines: readonly Pick<RemoteMachine, "address" | "sshPort" | "hostKey">[],
): string {
  return machines
    .flatMap(({ address, sshPort, hostKey }) =>
      hostKey === undefined
        ? []
        : [`${sshPort === 22 ? address : `[${address}]:${sshPort}`} ${hostKey}\n`],
    )
    .join("");
}
