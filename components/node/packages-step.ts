import { readScript } from "../remote/step";
import { namePackages, systemOf } from "../shared/systems";
import type { NodeContext, NodeStep } from "./context";
import type { Machine } from "./machine";

// What a desktop needs and a server does not; each listens on the network.
const UNWANTED = [
  "avahi-daemon.socket",
  "avahi-daemon.service",
  "bluetooth.service",
  "cups.socket",
  "cups.path",
  "cups.service",
];

/** Packages that all layers want on `machine`, each once, sorted. */
export function listPackages(machine: Machine, context: Pick<NodeContext, "packages">): string[] {
  const system = systemOf(machine);
  const wanted = context.packages
    .filter((need) => need.machines.includes(machine.name))
    .flatMap((need) => need[system.family]);
  return namePackages(system, wanted);
}

/** Packages present, unwanted services off. */
export const packagesStep: NodeStep = (machine, context) => ({
  name: "packages",
  script: readScript(__dirname, "files/packages.sh"),
  libraries: ["files", "units", "long", "packages"],
  settings: { PACKAGES: listPackages(machine, context), UNWANTED_UNITS: UNWANTED },
});
