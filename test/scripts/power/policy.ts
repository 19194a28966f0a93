/** A machine's entry of power.json, with the defaults of the configuration; durations in seconds. */
export function policy(name: string): object {
  return {
    ...{ name, mac: "00:11:22:33:44:55", method: "suspend", evict: false },
    ...{ idleAfter: 7200, wakeTimeout: 300, sleepTimeout: 300, checkEvery: 900 },
    ...{ minimumAwake: 1800, minimumAsleep: 600, maxChangesPerDay: 12, testEvery: 604_800 },
    thresholds: { cpu: 0.15, network: 204_800, disk: 1_048_576 },
    ...{ timeZone: "UTC", quietHours: [], calendar: [], apps: [] },
  };
}
