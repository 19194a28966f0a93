import { z } from "zod";
import type { HypervisorConfig } from "../../../components/hypervisor/config";
import { haResourceId } from "../../../components/hypervisor/proxmox/render-ha";
import { hostsOf, type VirtualMachine } from "../../../components/hypervisor/virtual";
import type { ProxmoxApi } from "./api";
import { findOwn, hostStatus, type LookArgs, type Resources } from "./resources";

const storagesSchema = z.array(
  z.looseObject({ storage: z.string(), shared: z.unknown().optional() }),
);
const jobsSchema = z.array(
  z.looseObject({ guest: z.number(), target: z.string(), disable: z.unknown().optional() }),
);

/** Why Proxmox's high availability could not start a machine on another host, each with its key. */
export async function findHaProblems(
  api: Pick<ProxmoxApi, "get">,
  { hypervisor, machines, known, onWarning }: LookArgs,
): Promise<string[]> {
  const managed = machines.filter(({ vm }) => vm.ha !== undefined);
  for (const machine of managed) warnOfMove(machine, known, onWarning);
  const problems = managed.map(async (machine) => {
    if (hostStatus(known, machine.vm.host) !== "online") return [];
    const found = storagesSchema.parse(await api.get(`/nodes/${machine.vm.host}/storage`));
    const isOwn = (storage: string): boolean =>
      found.some((each) => each.storage === storage && each.shared !== 1);
    return [
      ...(isOwn(hypervisor.storage)
        ? await notReplicated(api, machine, hypervisor, onWarning)
        : []),
      ...(isOwn(hypervisor.snippets.storage) ? withoutHostKey(machine, hypervisor, onWarning) : []),
    ];
  });
  return (await Promise.all(problems)).flat();
}

/** A disk that one host has for itself is there on another one only by a copy. */
async function notReplicated(
  api: Pick<ProxmoxApi, "get">,
  { name, vm }: VirtualMachine,
  hypervisor: HypervisorConfig,
  onWarning: (text: string) => void,
): Promise<string[]> {
  const jobs = jobsSchema.parse(await api.get("/cluster/replication"));
  const targets = jobs
    .filter(({ guest, disable }) => guest === vm.id && disable !== 1)
    .map(({ target }) => target);
  const others = hostsOf(vm, hypervisor).filter((host) => host !== vm.host);
  const without = others.filter((host) => !targets.includes(host));
  const missing = stayingOn(without, hypervisor);
  warnOfSleepers({ name, vm }, without, hypervisor, { lacks: "its disk", onWarning });
  const path = `machines.${name}.vm.ha: the disk of ${name} is in ${hypervisor.storage}, which each host has for itself`;
  if (missing.length === 0) {
    onWarning(
      `${path}, and is replicated. What it has written since the last replication is lost when ${vm.host} fails`,
    );
    return [];
  }
  return [
    `${path}: ${missing.join(", ")} could not start it. Leave out ha. Or use a storage that all hosts share, such as Ceph. ` +
      "Or, with ZFS: make the machine without ha, replicate it to these hosts in Proxmox, and write ha then. " +
      STRICT,
  ];
}

const STRICT =
  "Or keep it to the hosts that can start it: ha: { hosts: [HOST, HOST], strict: true }";

/** Those that are always on: high availability starts nothing on a host that is off. */
function stayingOn(
  names: readonly string[],
  { hosts }: Pick<HypervisorConfig, "hosts">,
): readonly string[] {
  return names.filter((host) => hosts[host]?.power.mode !== "sleeps");
}

/** While such a host is awake high availability may choose it, and tries another one after it. */
function warnOfSleepers(
  { name }: Pick<VirtualMachine, "name" | "vm">,
  without: readonly string[],
  hypervisor: Pick<HypervisorConfig, "hosts">,
  { lacks, onWarning }: { readonly lacks: string; readonly onWarning: (text: string) => void },
): void {
  const awake = stayingOn(without, hypervisor);
  const sleepers = without.filter((host) => !awake.includes(host));
  if (sleepers.length === 0) return;
  onWarning(
    `machines.${name}.vm.ha: high availability starts ${name} on no host that is off, and ${sleepers.join(", ")} would not have ` +
      `${lacks}. A start there while it is awake fails, and another host is tried. ${STRICT}`,
  );
}

/** Proxmox starts the machine only where the file is that its host key came from. */
function withoutHostKey(
  { name, vm }: VirtualMachine,
  { hosts, snippets }: Pick<HypervisorConfig, "hosts" | "snippets">,
  onWarning: (text: string) => void,
): string[] {
  if (vm.hostKeySecret === undefined) return [];
  const all = hostsOf(vm, { hosts }).filter((host) => hosts[host]?.ssh === undefined);
  warnOfSleepers(
    { name, vm },
    all,
    { hosts },
    { lacks: "the file of its hostKeySecret", onWarning },
  );
  const without = stayingOn(all, { hosts });
  if (without.length === 0) return [];
  return [
    `machines.${name}.vm.ha: ${without.join(", ")} would not have the file of its hostKeySecret, without which Proxmox does ` +
      `not start ${name}: give ${without.length === 1 ? "the host" : "each of them"} ssh (hypervisor.hosts.HOST.ssh), or use ` +
      `a storage that all hosts share instead of ${snippets.storage} (hypervisor.snippets). ${STRICT}`,
  ];
}

/** An update leaves a machine where high availability has it. */
function warnOfMove(
  machine: VirtualMachine,
  known: Resources,
  onWarning: (text: string) => void,
): void {
  const { name, vm } = machine;
  const host = findOwn(known, machine)?.node;
  if (host === undefined || host === vm.host) return;
  onWarning(
    `machines.${name}.vm.host: ${name} is on ${host}, where high availability has it, and an update leaves it there. To move ` +
      `it, on any host: ha-manager migrate ${haResourceId(machine)} ${vm.host}`,
  );
}
