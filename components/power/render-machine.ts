import type { PowerConfig } from "./config";
import { AGENT_HOME, AGENT_USER, type Sleeper } from "./names";

/** What a machine lets the controller's user run as root: the agent's verbs, word for word. */
export const AGENT_VERBS = ["observe", "arm", "arm-test", "disarm", "suspend", "poweroff"] as const;

export function renderSudoers(): string {
  const commands = AGENT_VERBS.map((verb) => `/usr/local/sbin/vmstation-power-agent ${verb}`);
  return `${AGENT_USER} ALL=(root) NOPASSWD: ${commands.join(", ")}\n`;
}

/** The agent's settings; the alarm of a wake test brings back a machine that no packet wakes. */
export function renderAgentSettings(sleeper: Sleeper, config: PowerConfig): string {
  const settings = {
    nic: sleeper.nic,
    agentUser: AGENT_USER,
    exports: Object.keys(sleeper.exports).sort(),
    alarm: config.safetyAlarm,
    testAlarm: config.sleepTimeout + 2 * (sleeper.power.wakeTimeout ?? config.wakeTimeout),
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

/**
 * Arms Wake-on-LAN at every boot. The first .link file that matches is the only one that counts, so this one
 * names the NIC just as systemd's own 99-default.link does.
 */
export function renderLink(mac: string): string {
  return [
    "[Match]",
    `PermanentMACAddress=${mac}`,
    "",
    "[Link]",
    "WakeOnLan=magic",
    "NamePolicy=keep kernel database onboard slot path",
    "AlternativeNamesPolicy=database onboard slot path",
    "MACAddressPolicy=persistent",
    "",
  ].join("\n");
}

export const AUTHORIZED_KEYS = `${AGENT_HOME}/.ssh/authorized_keys`;

/** The controller's key: from its address only, and for nothing but the gate. `publicKey`: "ssh-ed25519 AAAA… comment". */
export function renderAuthorizedKey(publicKey: string, controllerAddress: string): string {
  const key = publicKey.trim().split("\n").at(-1) ?? "";
  if (!/^ssh-ed25519 [A-Za-z0-9+/]+=*( .*)?$/.test(key)) {
    throw new Error(`not a public key: ${key.slice(0, 40)}`);
  }
  const options = [
    "restrict",
    `from="${controllerAddress}"`,
    'command="/usr/local/lib/vmstation/power-gate.sh"',
  ];
  return `${options.join(",")} ${key}\n`;
}
