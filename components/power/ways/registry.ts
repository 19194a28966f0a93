/** The ways to wake a machine that have settings, by the name of their Python file: one line each. */
export { bmc } from "./bmc";
export { proxmox } from "./proxmox";
