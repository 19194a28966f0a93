import { wakeTimeoutOf, type PowerConfig } from "./config";
import { lanInterface } from "../shared/addresses";
import { ROLE, type Sleeper } from "./names";

/** The agent's verbs, all of which the controller may use. */
export const AGENT_VERBS = [
  ...["observe", "arm", "arm-test", "disarm"],
  ...["suspend", "poweroff", "hibernate", "resumed"],
] as const;

/** The agent's settings; the alarm of a wake test brings back a machine that no packet wakes. */
export function renderAgentSettings(sleeper: Sleeper, config: PowerConfig): string {
  const settings = {
    nic: lanInterface(sleeper),
    mac: sleeper.mac,
    agentUser: ROLE.account,
    exports: Object.keys(sleeper.exports).sort(),
    alarm: config.safetyAlarm,
    testAlarm: config.sleepTimeout + 2 * wakeTimeoutOf(sleeper.power, config),
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
