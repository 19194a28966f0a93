/** Names on the machines that belong to one layer's controller and its agents. They stay: state on machines has them. */
export interface AgentRole {
  /** "power" or "backup". */
  readonly name: string;
  /** The account that the controller logs in as, and its home. */
  readonly account: string;
  readonly home: string;
  readonly authorizedKeys: string;
  /** The forced command of the controller's key. */
  readonly gate: string;
  /** What sudo lets the account run, with words. */
  readonly command: string;
  /** The agent's program, which `command` starts, and its settings. */
  readonly program: string;
  readonly settings: string;
  readonly sudoers: string;
  /** On the controller: a folder that only root enters, its private key, and the machines' host keys. */
  readonly secrets: string;
  readonly key: string;
  readonly knownHosts: string;
}

/** Folder of all programs on a machine. */
export const PROGRAMS = "/usr/local/lib/vmstation";

export function agentRole(name: string): AgentRole {
  const secrets = `/etc/vmstation/${name}`;
  const home = `/var/lib/vmstation-${name}`;
  return {
    name,
    account: `vmstation-${name}`,
    home,
    authorizedKeys: `${home}/.ssh/authorized_keys`,
    gate: `${PROGRAMS}/${name}-gate.sh`,
    command: `/usr/local/sbin/vmstation-${name}-agent`,
    program: `${PROGRAMS}/${name}-agent.py`,
    settings: `/etc/vmstation/${name}-agent.json`,
    sudoers: `/etc/sudoers.d/vmstation-${name}`,
    secrets,
    key: `${secrets}/key`,
    knownHosts: `${secrets}/known_hosts`,
  };
}
