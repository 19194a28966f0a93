import type { PowerConfig } from "./config";
import type { SleepingApp } from "./types";

type Advertising = Pick<SleepingApp, "advertised">;

/** When the controller looks at the machines. */
export function renderTimer(
  config: Pick<PowerConfig, "checkEvery" | "firstCheckAfterBoot">,
): string {
  return [
    "[Unit]",
    "Description=Looks for machines with nothing to do",
    "",
    "[Timer]",
    `OnBootSec=${config.firstCheckAfterBoot}`,
    `OnUnitActiveSec=${config.checkEvery}`,
    "AccuracySec=10",
    "",
    "[Install]",
    "WantedBy=timers.target",
    "",
  ].join("\n");
}

/** The sockets that hold the advertised ports permanently, in the order of their numbers. */
export function renderSocket(apps: readonly Advertising[]): string {
  const ports = advertisedPorts(apps);
  return [
    "[Unit]",
    "Description=Ports of apps whose machine sleeps",
    "",
    "[Socket]",
    ...ports.map((port) => `ListenStream=${port}`),
    "Backlog=128",
    // However often its service ends, the ports stay.
    "TriggerLimitIntervalSec=0",
    "",
    "[Install]",
    "WantedBy=sockets.target",
    "",
  ].join("\n");
}

export function advertisedPorts(apps: readonly Advertising[]): number[] {
  return apps.flatMap((app) => app.advertised.map(({ port }) => port)).sort((a, b) => a - b);
}
