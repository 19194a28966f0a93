import type { ExistingPolicy } from "../bootstrap/facts";
import type { Machine } from "../node/machine";
import { readScript, type Setting, type Step } from "../remote/step";
import { bitsOf, lanInterface } from "../shared/addresses";
import { listKnownSystems, SYSTEMS } from "../shared/systems";
import type { ValidationConfig } from "./config";

/** What a machine is held against before anything is changed on it. */
export interface PreflightSettings {
  config: ValidationConfig["preflight"];
  /** What to make of a cluster that is already there. */
  existing: ExistingPolicy;
  /** Kernel modules that the machines must have. */
  modules: readonly string[];
  /** The network that machines have for themselves, and the MTU that pods' packets take there; absent without one. */
  cluster?: { readonly cidr: string; readonly mtu: number } | undefined;
  /** Digest of what goes onto each machine, by its name: preflight runs again when that changes. */
  digests: Readonly<Record<string, string>>;
}

/** What the steps of remote/ call before node/ has installed anything. */
const TOOLS = ["systemctl", "flock", "findmnt", "base64", "sha256sum", "awk", "sed", "modprobe"];

const SCRIPTS = ["preflight.sh", "known-address.sh"];

/** How a machine that sleeps is woken: magic packets alone, or another way beside them. */
function wakes({ bmc }: Machine): "magic-packet" | "another-way" {
  return bmc === undefined ? "magic-packet" : "another-way";
}

/** Nothing where the machine has one network alone. */
function renderClusterNic(
  { clusterAddress, clusterNic }: Machine,
  { cluster }: PreflightSettings,
): Readonly<Record<string, Setting>> {
  if (clusterAddress === undefined || clusterNic === undefined || cluster === undefined) return {};
  return {
    CLUSTER_NIC: clusterNic,
    CLUSTER_ADDRESS: `${clusterAddress}/${bitsOf(cluster.cidr)}`,
    CLUSTER_MTU: cluster.mtu,
  };
}

/** The step of one machine; sizes in bytes, 0 for a memory that the configuration does not tell. */
export function renderPreflight(machine: Machine, args: PreflightSettings): Step {
  const system = SYSTEMS[machine.os];
  return {
    name: "preflight",
    script: SCRIPTS.map((name) => readScript(__dirname, `files/${name}`)).join("\n"),
    libraries: ["system"],
    checks: false,
    settings: {
      ROOT: "",
      OS: machine.os,
      OS_TITLE: system.title,
      KNOWN_SYSTEMS: listKnownSystems(),
      TOOLS: [...TOOLS, system.packageManager].join(" "),
      EXTRA_MODULES: system.extraModules ?? "",
      LEAST_KERNEL: args.config.kernel,
      MODULES: args.modules,
      LEAST_MEMORY: args.config.memory,
      CONFIGURED_MEMORY: machine.memory ?? 0,
      NIC: lanInterface(machine),
      ADDRESS: machine.address,
      MAC: machine.mac ?? "",
      ROOT_DISK: args.config.rootDisk,
      VAR_DISK: args.config.varDisk,
      EXISTING: args.existing.existing,
      RECORD: args.existing.record,
      MARKS: args.existing.marks,
      FOREIGN_MARKS: args.existing.foreignMarks,
      METHOD: args.existing.method,
      ARCHITECTURES: args.existing.architectures,
      ...renderClusterNic(machine, args),
      WAKES: machine.sleeps ? wakes(machine) : "",
      API_PORT: args.existing.apiServerPort,
      DIGEST: args.digests[machine.name] ?? "",
    },
  };
}
