import { hasRole } from "../../components/node/machine";
import { renderFound, type Problem } from "../../components/shared/problem";
import type { Site } from "../site";

/** What the machines' roles must be together: a control plane, an odd number of etcd members, none of them asleep. */
export function roleRules(site: Site): Problem[] {
  const members = site.machines.filter((machine) => hasRole(machine, "etcd"));
  const problems: Problem[] = [];
  if (!site.machines.some((machine) => hasRole(machine, "control-plane"))) {
    problems.push({
      path: "machines",
      found: "no machine with the role control-plane",
      accepted: "at least one machine with roles: [control-plane, …]",
    });
  }
  if (members.length % 2 === 0) {
    problems.push({
      path: "machines",
      found: `${members.length} machines with the role etcd${members.map((m) => ` ${m.name}`).join(",")}`,
      accepted: "an odd number of them (1, 3 or 5): an even one survives no more failures",
    });
  }
  return [...problems, ...successor(site), ...sleeperRoles(site)];
}

/** An unknown name is found too: `controller` is then none of the machines. */
function successor({ config, controller, machines }: Site): Problem[] {
  const { controller: wanted } = config.cluster;
  if (wanted === undefined || controller !== undefined) return [];
  const planes = machines.filter((m) => hasRole(m, "control-plane")).map((m) => m.name);
  return [
    {
      path: "cluster.controller",
      found: renderFound(wanted),
      accepted: `a machine with the role control-plane: ${planes.join(", ")}`,
    },
  ];
}

function sleeperRoles(site: Site): Problem[] {
  return site.machines
    .filter((m) => m.sleeps && (hasRole(m, "control-plane") || hasRole(m, "etcd")))
    .map((machine) => ({
      path: `machines.${machine.name}.power.mode`,
      found: `sleeps, with roles ${renderFound(machine.roles)}`,
      accepted: "always-on: the cluster stops while a control plane or an etcd member sleeps",
    }));
}
