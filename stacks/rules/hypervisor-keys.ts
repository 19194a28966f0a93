import type { HypervisorConfig } from "../../components/hypervisor/config";
import type { Problem } from "../../components/shared/problem";
import type { Virtual } from "./hypervisor-power";

/** That a machine which is to be made with a known SSH host key can be. */
export function hypervisorKeyRules(
  virtual: readonly Virtual[],
  hypervisor: HypervisorConfig,
): Problem[] {
  const keyed = virtual.filter(({ vm }) => vm.hostKeySecret !== undefined);
  return [
    ...keyed.flatMap((machine) => withoutSsh(machine, hypervisor)),
    ...keyed.flatMap((machine, i) => sharedKey(machine, keyed.slice(0, i))),
    ...keyed.flatMap(otherKind),
  ];
}

function withoutSsh({ name, vm }: Virtual, { hosts }: HypervisorConfig): Problem[] {
  const host = hosts[vm.host];
  if (host === undefined || host.ssh !== undefined) return [];
  return [
    {
      path: `machines.${name}.vm.hostKeySecret`,
      found: `${vm.hostKeySecret ?? ""}, and ${vm.host} is not reached by SSH`,
      accepted: `vmstation:hypervisor.hosts.${vm.host}.ssh such as { hostKey: ssh-ed25519 AAAA… }, or no hostKeySecret`,
    },
  ];
}

function sharedKey({ name, vm }: Virtual, earlier: readonly Virtual[]): Problem[] {
  const twin = earlier.find((other) => other.vm.hostKeySecret === vm.hostKeySecret);
  if (twin === undefined) return [];
  return [
    {
      path: `machines.${name}.vm.hostKeySecret`,
      found: `${vm.hostKeySecret ?? ""}, which vmstation:machines.${twin.name}.vm.hostKeySecret is too`,
      accepted: "a secret of its own: who has one machine could pass for the other",
    },
  ];
}

function otherKind({ name, hostKey }: Virtual): Problem[] {
  if (hostKey === undefined || hostKey.startsWith("ssh-ed25519 ")) return [];
  return [
    {
      path: `machines.${name}.hostKey`,
      found: hostKey.split(" ")[0] ?? "",
      accepted:
        "ssh-ed25519 AAAA…, as `vmstation trust` makes it for a machine with a hostKeySecret",
    },
  ];
}
