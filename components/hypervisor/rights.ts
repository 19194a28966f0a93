import type { HypervisorConfig } from "./config";
import { bridgesOf } from "./nics";
import type { VirtualMachine } from "./virtual";

const MACHINES = [
  ...["VM.Allocate", "VM.Audit", "VM.PowerMgmt", "VM.GuestAgent.Audit"],
  ...["VM.Config.Disk", "VM.Config.CPU", "VM.Config.Memory", "VM.Config.Network"],
  ...["VM.Config.HWType", "VM.Config.Options", "VM.Config.Cloudinit", "VM.Config.CDROM"],
];

/** Proxmox asks for these where its resources and rules are read and written, and has no smaller ones for it. */
const HIGH_AVAILABILITY = ["Sys.Audit", "Sys.Console"];

type Rights = Record<string, readonly string[]>;

/**
 * What moves a running machine besides. The provider asks first whether high availability manages it, and then has that
 * move it.
 */
export function rightsToMove(
  { pool }: Pick<HypervisorConfig, "pool">,
  { isManaged }: { readonly isManaged: boolean },
): Rights {
  if (isManaged) return { "/": HIGH_AVAILABILITY };
  return {
    [pool === undefined ? "/vms" : `/pool/${pool.name}`]: ["VM.Migrate"],
    "/": ["Sys.Audit"],
  };
}

/** The rights of the token, by path in Proxmox: as docs/hypervisor.md grants them. */
export function neededRights(
  config: Pick<HypervisorConfig, "pool" | "storage" | "bridge" | "image" | "network" | "snippets">,
  hosts: readonly string[],
  machines: readonly VirtualMachine[],
): Rights {
  const { pool, network } = config;
  const bridges = new Set(machines.flatMap((machine) => bridgesOf(machine, config)));
  return {
    ...(machines.some(({ vm }) => vm.ha !== undefined) ? { "/": HIGH_AVAILABILITY } : {}),
    ...(pool === undefined
      ? { "/vms": MACHINES }
      : {
          [`/pool/${pool.name}`]: [
            ...[...MACHINES, "Pool.Audit"],
            ...(pool.manage ? ["Pool.Allocate"] : []),
          ],
        }),
    ...rightsToStorages(config, machines),
    ...Object.fromEntries(hosts.map((host) => [`/nodes/${host}`, ["Sys.AccessNetwork"]])),
    ...(network?.manage === true ? { "/sdn": ["SDN.Allocate"] } : {}),
    ...Object.fromEntries(
      [...bridges].map((bridge) => [
        `/sdn/zones/${bridge === network?.vnet ? network.zone : "localnetwork"}/${bridge}`,
        ["SDN.Use"],
      ]),
    ),
  };
}

/** One storage may be for several things. */
function rightsToStorages(
  { storage, image, snippets }: Pick<HypervisorConfig, "storage" | "image" | "snippets">,
  machines: readonly VirtualMachine[],
): Rights {
  const disks = ["Datastore.AllocateSpace", "Datastore.Audit"];
  const uses: readonly (readonly [string, readonly string[]])[] = [
    [storage, disks],
    [image.storage, ["Datastore.AllocateTemplate", ...disks]],
    // To see whether it allows snippets. Their use in a machine takes no right to the storage.
    ...(machines.some(({ vm }) => vm.hostKeySecret !== undefined)
      ? [[snippets.storage, ["Datastore.Audit"]] as const]
      : []),
  ];
  return Object.fromEntries(
    uses.map(([name]) => [
      `/storage/${name}`,
      [...new Set(uses.flatMap(([other, names]) => (other === name ? names : [])))],
    ]),
  );
}
