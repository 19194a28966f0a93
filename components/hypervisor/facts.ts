import { nodeNetwork } from "../shared/addresses";
import type { AddressUse, LayerFacts } from "../shared/facts";
import type { HypervisorConfig, VmConfig } from "./config";

/** What the hypervisors ask of the rest of the stack. */
export function hypervisorFacts(
  config: HypervisorConfig | undefined,
  machines: readonly { readonly name: string; readonly vm?: VmConfig | undefined }[],
): LayerFacts {
  if (config === undefined) return {};
  const virtual = machines.filter(({ vm }) => vm !== undefined).map(({ name }) => name);
  const agent = ["qemu-guest-agent"];
  return {
    // Proxmox asks it to hold the file systems still for a backup, and to shut down.
    packages: virtual.length === 0 ? [] : [{ machines: virtual, debian: agent, rhel: agent }],
    secrets: [
      {
        path: "hypervisor.tokenSecret",
        name: config.tokenSecret,
        leftOut: "no machine can be made or changed on the hypervisor",
      },
      ...machines.flatMap(({ name, vm }) =>
        vm?.hostKeySecret === undefined
          ? []
          : [
              {
                path: `machines.${name}.vm.hostKeySecret`,
                name: vm.hostKeySecret,
                leftOut: `${name} cannot be made with a known SSH host key`,
              },
            ],
      ),
    ],
    addresses: [
      ...Object.entries(config.hosts).map(([name, { address }]): AddressUse => ({
        path: `hypervisor.hosts.${name}.address`,
        from: address,
        to: address,
        written: address,
        user: `the hypervisor ${name}`,
        scope: "anywhere",
      })),
      ...nodeNetwork("hypervisor.network.cidr", config.network?.cidr),
    ],
  };
}
