import type { z } from "zod";
import { monitoringSchema, type MonitoringConfig } from "../../../components/monitoring/config";
import type { MonitoringContext } from "../../../components/monitoring/context";
import { machineSchema } from "../../../components/node/config";
import type { Machine } from "../../../components/node/machine";

/** What every part may look at. */
export interface MonitoringSite extends MonitoringContext {
  readonly config: MonitoringConfig;
}

/** A machine with everything that monitoring does not look at left at what any machine has. */
export function machine(
  name: string,
  address: string,
  part: Partial<z.input<typeof machineSchema>> & { sleeps?: boolean } = {},
): Machine {
  const { sleeps, ...rest } = part;
  const config = machineSchema.parse({
    address,
    nic: "eth0",
    os: "debian-12",
    roles: ["worker"],
    sshUser: "admin",
    dns: ["1.1.1.1"],
    ...rest,
  });
  return { name, ...config, sleeps: sleeps ?? false, power: {} };
}

/** Three machines like the owner's: an always-on control plane, two workers that sleep, one with a BMC. */
export const MACHINES: readonly Machine[] = [
  machine("hazel", "192.168.8.62", {
    os: "rhel-10",
    sleeps: true,
    bmc: { address: "192.168.8.60", passwordSecret: "bmcPassword" },
  }),
  machine("maple", "192.168.8.63", {
    roles: ["control-plane", "etcd"],
    mounts: { "/srv/monitoring_data": { source: { label: "monitoring" } } },
  }),
  machine("spruce", "192.168.8.61", { sleeps: true }),
];

export function config(part: Partial<z.input<typeof monitoringSchema>> = {}): MonitoringConfig {
  return monitoringSchema.parse({ machine: "maple", ...part });
}

export function site(
  part: Partial<z.input<typeof monitoringSchema>> = {},
  machines: readonly Machine[] = MACHINES,
): MonitoringSite {
  return {
    config: config(part),
    machines,
    lan: { cidr: "192.168.8.0/24", gateway: "192.168.8.1" },
    network: { podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/12" },
    apiServerPort: 6443,
    clusterDns: "10.96.0.10",
    logServer: "maple",
  };
}
