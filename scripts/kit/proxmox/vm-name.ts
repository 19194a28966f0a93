/** What a report calls a machine's part in Proxmox; `drift --fix` leaves it alone. */
export const VM_NAME = "virtual machine in Proxmox";

/** Pulumi's type of the whole layer, and of a virtual machine. */
export const HYPERVISOR_TYPE = "vmstation:hypervisor:Hypervisor";
export const VM_TYPE = "proxmoxve:index/vmLegacy:VmLegacy";

/** Of what hands one to high availability, and of a pool. */
export const HA_TYPE = "proxmoxve:index/haresource:Haresource";
export const POOL_TYPE = "proxmoxve:index/poolLegacy:PoolLegacy";
export const ZONE_TYPE = "proxmoxve:sdn/zone/vxlan:Vxlan";
export const VNET_TYPE = "proxmoxve:sdn/vnet:Vnet";
