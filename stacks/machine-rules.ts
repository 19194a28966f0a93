import { closest } from "fastest-levenshtein";
import type { Problem } from "./errors";
import type { Site } from "./site";

/** That what is placed on a machine finds it, and that sleepers can be woken. */
export function machineRules(site: Site): Problem[] {
  return [...unknownMachines(site), ...alwaysOn(site), ...unwakeable(site), ...rootLogins(site)];
}

function unknownMachines({ machines, facts }: Site): Problem[] {
  const names = machines.map((machine) => machine.name);
  return [...facts.placements, ...facts.volumes]
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
    .filter((machine) => machine.sleeps && machine.mac === undefined)
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
