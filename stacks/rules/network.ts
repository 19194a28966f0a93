import { addressIn, contains, coverTogether } from "../../components/shared/addresses";
import { renderFound, type Problem } from "../../components/shared/problem";
import { addressRules } from "./addresses";
import { rangeRules } from "./ranges";
import type { Site } from "../site";

/** Addresses, networks and ports. */
export function networkRules(site: Site): Problem[] {
  return [
    ...addressRules(site),
    ...duplicates(macs(site), "a MAC address that nothing else has"),
    ...duplicates(nodePorts(site), "a NodePort that nothing else has"),
    ...clusterDns(site),
    ...closedSsh(site),
    ...rangeRules(site),
  ];
}

interface Use {
  readonly path: string;
  readonly value: string | number;
}

function macs({ machines, config }: Site): Use[] {
  const hosts = Object.entries(config.hypervisor?.hosts ?? {}).flatMap(([name, { power }]) =>
    power.mode === "sleeps"
      ? [{ path: `hypervisor.hosts.${name}.power.mac`, value: power.mac }]
      : [],
  );
  const ofMachines = machines.flatMap((machine) => [
    ...(machine.vm?.mac
      ? [{ path: `machines.${machine.name}.vm.mac`, value: machine.vm.mac }]
      : []),
    ...(machine.mac ? [{ path: `machines.${machine.name}.mac`, value: machine.mac }] : []),
    ...(machine.bmc?.mac
      ? [{ path: `machines.${machine.name}.bmc.mac`, value: machine.bmc.mac }]
      : []),
  ]);
  return [...hosts, ...ofMachines];
}

function nodePorts({ facts }: Site): Use[] {
  return facts.nodePorts.map(({ path, port }) => ({ path, value: port }));
}

/** Every use but the first of one value. */
function duplicates(uses: readonly Use[], accepted: string): Problem[] {
  const first = new Map<string | number, string>();
  return uses.flatMap(({ path, value }) => {
    const known = first.get(value);
    if (known === undefined) {
      first.set(value, path);
      return [];
    }
    return [{ path, found: `${value}, which vmstation:${known} has too`, accepted }];
  });
}

/** The network itself is no address, and the first one is the API's own Service, as Kubernetes gives it out. */
function clusterDns({ config, clusterDns: address }: Site): Problem[] {
  const { serviceCidr } = config.network;
  const isTaken = [0, 1].some((index) => addressIn(serviceCidr, index) === address);
  if (contains(serviceCidr, address) && !isTaken) return [];
  return [
    {
      path: "network.clusterDns",
      found: isTaken ? `${address}, which the network or the API's own Service has` : address,
      accepted: `an address in vmstation:network.serviceCidr ${serviceCidr}, or no key: the tenth is taken then`,
    },
  ];
}

/** The control plane reaches the others over SSH (Ansible, power), and so does the program from the LAN. */
function closedSsh({ config }: Site): Problem[] {
  const { enabled, sshFrom } = config.node.firewall;
  const { cidr } = config.lan;
  if (!enabled || sshFrom.length === 0 || coverTogether(sshFrom, cidr)) return [];
  return [
    {
      path: "node.firewall.sshFrom",
      found: `${renderFound(sshFrom)}, which closes the SSH port that the program itself connects to`,
      accepted: `networks that together hold vmstation:lan.cidr ${cidr} whole, or an empty list`,
    },
  ];
}
