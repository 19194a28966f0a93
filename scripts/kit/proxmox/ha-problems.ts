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
      ...(isOwn(hypervisor.snippets.storage) ? withoutHostKey(machine, hypervisor) : []),
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
  const missing = others.filter((host) => !targets.includes(host));
  const path = `machines.${name}.vm.ha: the disk of ${name} is in ${hypervisor.storage}, which each host has for itself`;
  if (missing.length === 0) {
    onWarning(
      `${path}, and is replicated. What it has written since the last replication is lost when ${vm.host} fails`,
    );
    return [];
  }
  return [
    `${path}: ${missing.join(", ")} could not start it. Leave out ha. Or use a storage that all hosts share, such as Ceph. ` +
      "Or, with ZFS: make the machine without ha, replicate it to these hosts in Proxmox, and write ha then",
  ];
}

/** Proxmox starts the machine only where the file is that its host key came from. */
function withoutHostKey(
  { name, vm }: VirtualMachine,
  { hosts, snippets }: Pick<HypervisorConfig, "hosts" | "snippets">,
): string[] {
  if (vm.hostKeySecret === undefined) return [];
  const without = hostsOf(vm, { hosts }).filter((host) => hosts[host]?.ssh === undefined);
  if (without.length === 0) return [];
  return [
    `machines.${name}.vm.ha: ${without.join(", ")} would not have the file of its hostKeySecret, without which Proxmox does ` +
      `not start ${name}: give ${without.length === 1 ? "the host" : "each of them"} ssh (hypervisor.hosts.HOST.ssh), or use ` +
      `a storage that all hosts share instead of ${snippets.storage} (hypervisor.snippets)`,
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
