import path from "node:path";
import { run } from "./command";
import { NETWORK, SECOND_NETWORK, type MachineSpec } from "./machine-spec";
import { SCRIPTS } from "./run-context";

/** Runs one of the verbs of network.sh. */
export async function network(verb: string, ...args: string[]): Promise<void> {
  await run(path.join(SCRIPTS, "network.sh"), [verb, ...args]);
}

/** Whether the bridge passes on what comes and goes by a port; its link stays up either way. */
export async function setPort(port: string, state: "disabled" | "forwarding"): Promise<void> {
  await run("bridge", ["link", "set", "dev", port, "state", state]);
}

type Plugged = Pick<MachineSpec, "name" | "nic" | "mac" | "address" | "second">;

const secondPort = (port: string): string => `${port}b`;

/** A new network namespace for a machine, with a cable to the bridge, and one to the second bridge where it has a NIC for it. */
export async function plug(machine: Plugged, port: string): Promise<void> {
  const { name, nic, mac, address, second } = machine;
  await network("plug", name, port, nic, mac, `${address}/${NETWORK.prefix}`, NETWORK.controller);
  if (second === undefined) return;
  const where = `${second.address}/${SECOND_NETWORK.prefix}`;
  await network("plug-second", name, secondPort(port), second.nic, second.mac, where);
}

export async function unplug({ name, second }: Plugged, port: string): Promise<void> {
  if (second !== undefined) await network("unplug", name, secondPort(port));
  await network("unplug", name, port);
}

/** Somebody on the second bridge who is none of the machines; returns the path of their network namespace. */
export async function plugStranger(address: string): Promise<string> {
  await network("stranger", "stranger", "strange", `${address}/${SECOND_NETWORK.prefix}`);
  return "/run/netns/stranger";
}
