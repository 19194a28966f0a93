import type { HypervisorConfig } from "./config";

const MACHINES = [
  ...["VM.Allocate", "VM.Audit", "VM.PowerMgmt", "VM.GuestAgent.Audit"],
  ...["VM.Config.Disk", "VM.Config.CPU", "VM.Config.Memory", "VM.Config.Network"],
  ...["VM.Config.HWType", "VM.Config.Options", "VM.Config.Cloudinit", "VM.Config.CDROM"],
];

/** The rights of the token, by path in Proxmox: as docs/hypervisor.md grants them. */
export function neededRights(
  { pool, storage, bridge, image }: Pick<HypervisorConfig, "pool" | "storage" | "bridge" | "image">,
  hosts: readonly string[],
): Record<string, readonly string[]> {
  const disks = ["Datastore.AllocateSpace", "Datastore.Audit"];
  return {
    ...(pool === undefined
      ? { "/vms": MACHINES }
      : { [`/pool/${pool}`]: [...MACHINES, "Pool.Audit"] }),
    [`/storage/${storage}`]: disks,
    [`/storage/${image.storage}`]: ["Datastore.AllocateTemplate", ...disks],
    ...Object.fromEntries(hosts.map((host) => [`/nodes/${host}`, ["Sys.AccessNetwork"]])),
    [`/sdn/zones/localnetwork/${bridge}`]: ["SDN.Use"],
  };
}
