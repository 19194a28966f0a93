import { namedAddress, nodeNetwork } from "../shared/addresses";
import type { AddressUse, FirewallRule, LayerFacts, PackageNeed } from "../shared/facts";
import type { NodeConfig } from "./config";
import { hasRole, type Machine } from "./machine";

const EVERYWHERE = ["curl", "git", "python3", "sudo", "rsync", "chrony", "rsyslog", "ethtool"];
const DEBIAN = ["nfs-common", "nfs4-acl-tools", "rpcbind", "nftables"];
// packages.sh asks for kernel-modules-extra by the version of the kernel that runs.
const RHEL = ["nfs-utils", "policycoreutils-python-utils", "kernel-modules-extra", "nftables"];

/** What preparing a machine itself needs: its own ports, and packages. */
export function nodeFacts(config: NodeConfig, machines: readonly Machine[]): LayerFacts {
  return {
    placements: [
      { path: "node.timeServer", machine: config.timeServer },
      { path: "node.logServer", machine: config.logServer },
      ...config.firewall.extraPorts.flatMap((rule, i) =>
        rule.machines.map((machine) => ({
          path: `node.firewall.extraPorts[${i}].machines`,
          machine,
        })),
      ),
    ],
    firewall: firewallRules(config, machines),
    packages: packageNeeds(machines, config),
    secrets: machines.flatMap((machine) =>
      machine.bmc === undefined
        ? []
        : [
            {
              path: `machines.${machine.name}.bmc.passwordSecret`,
              name: machine.bmc.passwordSecret,
              leftOut: `the BMC of ${machine.name} (user ${machine.bmc.user}, by its bmc.user) is neither watched nor used to wake it`,
            },
          ],
    ),
    addresses: [
      ...machines.flatMap(usesOf),
      ...nodeNetwork("node.clusterCidr", config.clusterCidr),
      ...machines.flatMap(devicesOf),
      ...Object.entries(config.remoteLogs.senders).flatMap(([name, address]) =>
        namedAddress(`node.remoteLogs.senders.${name}`, address, `${name}, which sends logs,`),
      ),
    ],
  };
}

/** A BMC may have a network of its own, so it need not be in the LAN. */
function usesOf({ name, address, clusterAddress, bmc }: Machine): AddressUse[] {
  const use = (key: string, value: string, user: string, scope: AddressUse["scope"]) => ({
    path: `machines.${name}.${key}`,
    from: value,
    to: value,
    written: value,
    user,
    scope,
  });
  return [
    use("address", address, name, "lan"),
    ...(clusterAddress === undefined ? [] : [use("clusterAddress", clusterAddress, name, "nodes")]),
    ...(bmc ? [use("bmc.address", bmc.address, `the BMC of ${name}`, "anywhere")] : []),
  ];
}

/** Other devices that it asks. */
function devicesOf({ name, dns, mounts }: Machine): AddressUse[] {
  return [
    ...dns.flatMap((address, i) =>
      namedAddress(`machines.${name}.dns[${i}]`, address, "a DNS server"),
    ),
    ...Object.entries(mounts).flatMap(([point, { source }]) =>
      source !== undefined && "nfs" in source
        ? namedAddress(
            `machines.${name}.mounts.${point}.source.nfs.server`,
            source.nfs.server,
            "an NFS server",
          )
        : [],
    ),
  ];
}

function firewallRules(config: NodeConfig, machines: readonly Machine[]): FirewallRule[] {
  const exporters = machines.filter((m) => Object.keys(m.exports).length > 0).map((m) => m.name);
  const rules: FirewallRule[] = [
    rule([config.timeServer], "NTP", "udp", [123]),
    ...syslogRules(config),
    ...config.firewall.extraPorts.map((extra): FirewallRule => ({
      machines: extra.machines,
      purpose: extra.purpose,
      protocol: extra.protocol,
      ports: [extra.port],
      from: [extra.from],
    })),
  ];
  return exporters.length > 0 ? [...rules, rule(exporters, "NFS", "tcp", [2049])] : rules;
}

/** Machines send over TCP; whether another device is known, rsyslog looks itself. */
function syslogRules({ logServer, remoteLogs }: NodeConfig): FirewallRule[] {
  if (Object.keys(remoteLogs.senders).length === 0) {
    return [{ ...rule([logServer], "syslog", "tcp", [514]), from: ["machines"] }];
  }
  return [rule([logServer], "syslog", "tcp", [514]), rule([logServer], "syslog", "udp", [514])];
}

function rule(
  machines: readonly string[],
  purpose: string,
  protocol: "tcp" | "udp",
  ports: readonly number[],
): FirewallRule {
  return { machines, purpose, protocol, ports, from: ["lan"] };
}

function packageNeeds(machines: readonly Machine[], { logServer }: NodeConfig): PackageNeed[] {
  const all = machines.map((machine) => machine.name);
  const servers = machines.filter((m) => Object.keys(m.exports).length > 0).map((m) => m.name);
  return [
    { machines: all, debian: [...EVERYWHERE, ...DEBIAN], rhel: [...EVERYWHERE, ...RHEL] },
    { machines: servers, debian: ["nfs-kernel-server"], rhel: [] },
    { machines: [logServer], debian: ["logrotate"], rhel: ["logrotate"] },
    ...machines.map((m) => ({
      machines: [m.name],
      debian: m.extraPackages,
      rhel: m.extraPackages,
    })),
  ];
}

/**
 * The control plane that the others join, and that Ansible, the power controller, the backups and the checks run on:
 * the `wanted` one, by default the first by name, so that order means nothing. Who needs it gets it as an argument.
 */
export function findController<M extends Pick<Machine, "name" | "roles">>(
  machines: readonly M[],
  wanted: string | undefined,
): M | undefined {
  return machines
    .filter((machine) => hasRole(machine, "control-plane"))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .find(({ name }) => wanted === undefined || name === wanted);
}
