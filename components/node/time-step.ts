import { readScript } from "../remote/step";
import { systemOf } from "../shared/systems";
import { addressOf, HEADER, type NodeContext, type NodeStep } from "./context";
import type { Machine } from "./machine";

function isTimeServer(machine: Machine, context: NodeContext): boolean {
  return context.config.timeServer === machine.name;
}

/** chrony.conf: the time server asks the pool and serves the LAN; the others prefer the time server. */
export function renderChrony(machine: Machine, context: NodeContext): string {
  const serves = isTimeServer(machine, context);
  const pool = context.config.ntpPool.map((server) => `server ${server} iburst\n`).join("");
  const sources = serves
    ? pool
    : `server ${addressOf(context.config.timeServer, context)} iburst prefer\n${pool}`;
  // Without the internet the LAN's machines still follow the time server (stratum 10: worse than any other).
  const serving = serves ? `allow ${context.lan.cidr}\nlocal stratum 10\n` : "";
  const { driftFile, leapSeconds } = systemOf(machine).chrony;
  return `${HEADER}${sources}${serving}driftfile ${driftFile}
makestep 1.0 3
rtcsync
ntsdumpdir /var/lib/chrony
logdir /var/log/chrony
${leapSeconds}
`;
}

/** chrony, as server or client. */
export const timeStep: NodeStep = (machine, context) => ({
  name: "time",
  script: readScript(__dirname, "files/time.sh"),
  libraries: ["files", "units"],
  settings: { CHRONY_UNIT: systemOf(machine).chrony.unit },
  files: [
    {
      path: systemOf(machine).chrony.config,
      content: renderChrony(machine, context),
      validate: "chrony",
    },
  ],
});
