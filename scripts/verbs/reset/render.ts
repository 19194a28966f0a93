import type { ClusterArgs } from "../../../components/bootstrap/args";
import { methodOf } from "../../../components/bootstrap/methods";
import type { Level } from "./command";

/** What the reset does, as its last question shows it. */
export function describeReset(level: Level, args: ClusterArgs, first: string): string[] {
  const { clusterName, config, machines } = args;
  const how = methodOf(config).reset.wipe;
  const snapshot = how.on === "controller" && how.takesSnapshot && config.etcdSnapshot.enabled;
  if (level === "soft") {
    return [`The whole installation runs again over ${clusterName} as it is; nothing is removed.`];
  }
  const here = machines.filter((machine) => !machine.offline).map((machine) => machine.name);
  const away = machines.filter((machine) => machine.offline).map((machine) => machine.name);
  const hard = [
    ...(snapshot
      ? [`etcd's snapshot is kept on ${first} in ${config.etcdSnapshot.directory}.`]
      : []),
    `The cluster ${clusterName} is wiped from ${here.join(", ")}: pods, their objects and etcd.`,
    ...(away.length > 0 ? [`Offline, so not changed: ${away.join(", ")}.`] : []),
    "The data of applications on the machines' disks (/srv, /mnt, host paths) is kept.",
    "The objects of the cluster are removed from Pulumi's state. The next `up` creates them again.",
  ];
  if (level === "hard") return hard;
  return [
    ...hard,
    "Then `pulumi destroy` removes what was set up on the machines: units, settings, firewall. Files that were there before are restored.",
  ];
}

/** Where the state as it was is kept. */
export function renderBackup(file: string): string {
  return `Copy of the old state: ${file}\n`;
}
