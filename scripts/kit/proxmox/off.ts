import type { HypervisorConfig } from "../../../components/hypervisor/config";
import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import { findOwn, type Resources } from "./resources";

/** What a host that is off means for an update, and what to do where machines on it are to be made or changed. */
export function renderOff(
  host: string,
  { hosts }: Pick<HypervisorConfig, "hosts">,
  machines: readonly VirtualMachine[],
  known: Resources,
): string {
  const path = `hypervisor.hosts.${host}`;
  const config = hosts[host];
  if (config?.power.mode !== "sleeps")
    return `${path}: it is off, and no machine on it can be made or changed`;
  const own = machines.filter(({ vm }) => vm.host === host);
  const keyed = own.filter(({ vm }) => config.ssh !== undefined && vm.hostKeySecret !== undefined);
  const made = own.filter((machine) => findOwn(known, machine) !== undefined);
  // Bringing a host key wakes it: see bringHostKey.
  const woken = keyed.filter((machine) => !made.includes(machine)).map(({ name }) => name);
  if (woken.length > 0)
    return `${path}: it sleeps, and is woken by its magic packet to make ${woken.join(", ")}`;
  const [first] = made;
  const how = first === undefined ? "switch it on" : `npx vmstation wake ${first.name}`;
  return `${path}: it sleeps. Before a machine on it is made or changed: ${how}`;
}
