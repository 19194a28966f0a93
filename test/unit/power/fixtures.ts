import * as pulumi from "@pulumi/pulumi";
import { machineSchema } from "../../../components/node/config";
import { machinePowerSchema, powerSchema } from "../../../components/power/config";
import type { PowerMachine } from "../../../components/power/names";
import type { PowerArgs } from "../../../components/power/power";
import type { SleepingApp } from "../../../components/power/types";
import { completeLan, lanSchema, remoteSchema } from "../../../components/remote/config";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0";

export const CONTROLLER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKey vmstation";

/** A machine from what a user would write. */
export function machine(
  name: string,
  written: Readonly<Record<string, unknown>> = {},
): PowerMachine {
  const { power, ...rest } = written;
  const parsed = machineSchema.parse({
    address: "192.168.8.61",
    mac: "02:00:00:00:08:61",
    nic: "enp5s0",
    os: "debian-12",
    roles: ["worker"],
    sshUser: "user",
    hostKey: HOST_KEY,
    dns: ["1.1.1.1"],
    ...rest,
  });
  const parsedPower = machinePowerSchema.parse(power);
  return { name, ...parsed, power: parsedPower, sleeps: parsedPower.mode === "sleeps" };
}

export const CONTROL = machine("control", {
  address: "192.168.8.63",
  roles: ["control-plane", "etcd"],
});

export const STORAGE = machine("storage", {
  power: { mode: "sleeps", watts: { awake: 80, asleep: 4 } },
  exports: { "/srv/media": {} },
});

export const COMPUTE = machine("compute", {
  address: "192.168.8.62",
  mac: "02:00:00:00:08:62",
  nic: "eno1",
  os: "rhel-10",
  sshPort: 2222,
  bmc: { address: "192.168.8.60", passwordSecret: "bmcPassword" },
  power: { mode: "sleeps", method: "poweroff", idleAfter: "1h", wakeTimeout: "10m" },
});

export const LAN = completeLan(
  lanSchema.parse({
    cidr: "192.168.8.0/24",
    gateway: "192.168.8.1",
    broadcast: "192.168.8.255",
  }),
);

export const JELLYFIN: SleepingApp = {
  app: "jellyfin",
  title: "Jellyfin",
  path: "apps.jellyfin",
  machine: "storage",
  workload: { namespace: "jellyfin", kind: "Deployment", name: "jellyfin" },
  service: "jellyfin",
  probePort: 8096,
  probe: { program: "def users(address, port, key):\n    return 0\n", secret: "jellyfinApiKey" },
  advertised: [
    { port: 30_920, servicePort: 8920, speaks: "client-first" },
    { port: 30_096, servicePort: 8096, speaks: "http" },
  ],
};

/** Arguments of the layer; `secrets`: those that are set. */
export function powerArgs(
  changes: Partial<PowerArgs> = {},
  secrets: Readonly<Record<string, string>> = {},
): PowerArgs {
  return {
    config: powerSchema.parse(undefined),
    lan: LAN,
    machines: [COMPUTE, CONTROL, STORAGE],
    controller: CONTROL,
    access: { settings: remoteSchema.parse(undefined) },
    endpoint: "https://192.168.8.63:6443",
    apiServerPort: 6443,
    apps: [JELLYFIN],
    secrets: (name) => {
      const value = name === undefined ? undefined : secrets[name];
      return value === undefined ? undefined : pulumi.secret(value);
    },
    ...changes,
  };
}
