import { closest } from "fastest-levenshtein";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";

/** That what is placed on a machine finds it, and that sleepers can be woken. */
export function machineRules(site: Site): Problem[] {
  return [
    ...unknownMachines(site),
    ...alwaysOn(site),
    ...unwakeable(site),
    ...rootLogins(site),
    ...takenNames(site),
    ...logSenders(site),
  ];
}

function unknownMachines({ machines, facts }: Site): Problem[] {
  const names = machines.map((machine) => machine.name);
  // A folder is on the machine of what it belongs to, whose own key names it.
  const named = facts.placements.map(({ path, machine }) => [path.replace(/[^.]+$/, ""), machine]);
  const volumes = facts.volumes.filter(
    ({ path, machine }) =>
      !named.some(([of = "", name]) => path.startsWith(of) && name === machine),
  );
  return [...facts.placements, ...volumes]
    .filter(({ machine }) => !names.includes(machine))
    .map(({ path, machine }) => ({
      path,
      found: `${machine}, which is no machine here`,
      accepted: `one of ${names.join(", ")}; did you mean ${closest(machine, names)}?`,
    }));
}

function alwaysOn({ config, machines }: Site): Problem[] {
  const uses = [
    { path: "node.timeServer", name: config.node.timeServer },
    { path: "node.logServer", name: config.node.logServer },
    ...(config.monitoring ? [{ path: "monitoring.machine", name: config.monitoring.machine }] : []),
  ];
  return uses
    .filter(({ name }) => machines.some((machine) => machine.name === name && machine.sleeps))
    .map(({ path, name }) => ({
      path,
      found: `${name}, which sleeps`,
      accepted: "a machine whose power.mode is always-on",
    }));
}

function unwakeable({ machines }: Site): Problem[] {
  return machines
    .filter((machine) => machine.sleeps && machine.mac === undefined && machine.vm === undefined)
    .map((machine) => ({
      path: `machines.${machine.name}.mac`,
      found: "nothing, on a machine that sleeps",
      accepted: "the MAC address of its NIC: magic packets are sent to it",
    }));
}

function rootLogins({ machines }: Site): Problem[] {
  return machines
    .filter((machine) => machine.sshUser === "root")
    .map((machine) => ({
      path: `machines.${machine.name}.sshUser`,
      found: "root, whose log-in sshd's drop-in forbids",
      accepted: "another user, with password-less sudo",
    }));
}

// Each machine's /etc/hosts has the first already; Ansible has groups of the second's names.
const LOCAL_NAMES = ["localhost", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback"];
const GROUP_NAMES = ["all", "ungrouped", "etcd"];

/** Whether the C library reads it as an address (inet_aton), and so never looks it up. */
function isNumber(name: string): boolean {
  return /^(\d+|0x[0-9a-f]*)$/.test(name);
}

function takenNames({ machines }: Site): Problem[] {
  const why = (name: string): string | undefined => {
    if (LOCAL_NAMES.includes(name)) return "which means the machine itself on every machine";
    if (GROUP_NAMES.includes(name)) return "which is a group of machines to Ansible";
    return isNumber(name) ? "which programs take for an address" : undefined;
  };
  return machines.flatMap(({ name }) => {
    const found = why(name);
    if (found === undefined) return [];
    return [
      {
        path: `machines.${name}`,
        found: `a machine called ${name}, ${found}`,
        accepted: "another name, such as homelab or node-1",
      },
    ];
  });
}

/** Each sender's logs have a folder of its own, chosen by its address. */
function logSenders({ config, machines }: Site): Problem[] {
  const senders = Object.entries(config.node.remoteLogs.senders);
  return senders.flatMap(([name, address], i) => {
    const twin = [
      ...machines.map((machine) => [machine.name, machine.address] as const),
      ...senders.slice(0, i),
    ].find(([other, itsAddress]) => other === name || itsAddress === address);
    if (twin === undefined) return [];
    return [
      {
        path: `node.remoteLogs.senders.${name}`,
        found: `${address}, beside ${twin[0]} at ${twin[1]}`,
        accepted: "a device with a name and an address of its own; machines send logs anyway",
      },
    ];
  });
}
