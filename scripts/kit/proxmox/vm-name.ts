/** What a report calls a machine's part in Proxmox; `drift --fix` leaves it alone. */
export const VM_NAME = "virtual machine in Proxmox";

/** Pulumi's type of a virtual machine. */
export const VM_TYPE = "proxmoxve:index/vmLegacy:VmLegacy";
