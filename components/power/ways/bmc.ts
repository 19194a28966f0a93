import type { WaySettings } from "./way";

/** By the machine's BMC over IPMI, where magic packets do nothing. */
export const bmc: WaySettings = {
  packages: ["ipmitool"],
  secretOf(machine) {
    if (machine.bmc === undefined) return undefined;
    return {
      path: `machines.${machine.name}.bmc.passwordSecret`,
      name: machine.bmc.passwordSecret,
      leftOut: `IPMI as a second way to wake ${machine.name}`,
    };
  },
  settingsFor(machine, secretFile) {
    const { bmc: own } = machine;
    return own && { address: own.address, user: own.user, passwordFile: secretFile };
  },
};
