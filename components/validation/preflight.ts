import * as pulumi from "@pulumi/pulumi";
import type { ExistingPolicy } from "../bootstrap/facts";
import type { Machine } from "../node/machine";
import type { RemoteAccess } from "../remote/machine";
import { RemoteStep } from "../remote/remote-step";
import { readScript, type Step } from "../remote/step";
import type { ValidationConfig } from "./config";

export interface PreflightArgs {
  machines: readonly Machine[];
  access: RemoteAccess;
  config: ValidationConfig["preflight"];
  /** What to make of a cluster that is already there. */
  existing: Pick<ExistingPolicy, "existing" | "marks" | "record">;
  /** Kernel modules that the machines must have. */
  modules: readonly string[];
  /** Digest of what goes onto each machine, by its name: preflight runs again when that changes. */
  digests: Readonly<Record<string, string>>;
}

/** What the steps of remote/ call before node/ has installed anything. */
const TOOLS = ["systemctl", "flock", "findmnt", "base64", "sha256sum", "awk", "sed", "modprobe"];

/**
 * Looks at every machine before any is changed: all machines side by side, all findings of each at once.
 * Nodes depend on this component, so that a failure stops before the first change.
 */
export class Preflight extends pulumi.ComponentResource {
  constructor(name: string, args: PreflightArgs, opts: pulumi.ComponentResourceOptions) {
    super("vmstation:validation:Preflight", name, {}, opts);
    for (const machine of args.machines) {
      new RemoteStep(
        `${name}-${machine.name}`,
        { machine, access: args.access, step: renderPreflight(machine, args), onDelete: "keep" },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}

/** The step of one machine; sizes in bytes, 0 for a memory that the configuration does not tell. */
export function renderPreflight(
  machine: Machine,
  args: Pick<PreflightArgs, "config" | "existing" | "modules" | "digests">,
): Step {
  const [id = "", version = ""] = machine.os.split("-");
  return {
    name: "preflight",
    script: readScript(__dirname, "files/preflight.sh"),
    libraries: [],
    checks: false,
    settings: {
      ROOT: "",
      OS_ID: id,
      OS_VERSION: version,
      TOOLS: [...TOOLS, id === "debian" ? "apt-get" : "dnf"].join(" "),
      LEAST_KERNEL: args.config.kernel,
      MODULES: args.modules,
      LEAST_MEMORY: args.config.memory,
      CONFIGURED_MEMORY: machine.memory ?? 0,
      NIC: machine.nic,
      MAC: machine.mac ?? "",
      ROOT_DISK: args.config.rootDisk,
      VAR_DISK: args.config.varDisk,
      EXISTING: args.existing.existing,
      RECORD: args.existing.record,
      MARKS: args.existing.marks,
      DIGEST: args.digests[machine.name] ?? "",
    },
  };
}
