import type { RemoteMachine } from "../remote/machine";
import type { Reachable } from "../remote/reach";
import type { HypervisorConfig } from "./config";
import type { VirtualMachine } from "./virtual";

type Hosts = Pick<HypervisorConfig, "hosts">;

/** The hosts that are reached by SSH. One that sleeps is woken by its magic packet, as a machine is. */
export function listSshHosts({ hosts }: Hosts): readonly RemoteMachine[] {
  return Object.entries(hosts).flatMap(([name, { address, ssh, power }]) => {
    if (ssh === undefined) return [];
    const { port: sshPort, user: sshUser, hostKey } = ssh;
    const sleeps = power.mode === "sleeps";
    const mac = power.mode === "sleeps" ? { mac: power.mac } : {};
    return [{ ...{ name, address, sshPort, sshUser, hostKey, sleeps, offline: false }, ...mac }];
  });
}

/**
 * The same with how long they may take, in seconds, and with what helps where they do not answer. None where no machine's
 * key is brought to them.
 */
export function listReachableHosts(
  config: Hosts | undefined,
  machines: readonly Pick<VirtualMachine, "name" | "vm">[],
  patience: { readonly awake: number; readonly asleep: number },
): Reachable[] {
  const keyed = machines.filter(({ vm }) => vm.hostKeySecret !== undefined);
  if (config === undefined || keyed.length === 0) return [];
  const names = keyed.map(({ name }) => name).join(", ");
  return listSshHosts(config).map((host) => ({
    ...host,
    patience: host.sleeps ? patience.asleep : patience.awake,
    foreign: {
      unreachable:
        `It must be on while SSH host keys of virtual machines are brought to it (${names}): one that is made there, or ` +
        `moves there, starts only where its key is. Switch ${host.name} on, and run the update again. If none is ever to ` +
        `run there, remove vmstation:hypervisor.hosts.${host.name}.ssh`,
      otherKey:
        "Compare it with its /etc/ssh/ssh_host_ed25519_key.pub, then write that into " +
        `vmstation:hypervisor.hosts.${host.name}.ssh.hostKey`,
    },
  }));
}
