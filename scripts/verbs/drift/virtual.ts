import { exportsFunction, loadModule } from "../../loader/lazy";
import type { MachineReport, ResourceReport } from "../../kit/look/report";
import type { Project } from "../../kit/stack-file/project";
import { loadStackConfig } from "../../kit/stack-file/stack-config";
import type { Input } from "./command";

interface LookModule {
  lookAtVirtualMachines(args: {
    readonly project: Project;
    readonly stack: string;
    readonly configFile: string | undefined;
    readonly names: readonly string[];
  }): Promise<ReadonlyMap<string, ResourceReport>>;
}

/** What Proxmox has of the machines; a stack without a hypervisor loads nothing for it. */
export async function lookAtProxmox(
  project: Project,
  { stack, configFile }: Input["options"],
  names: readonly string[],
): Promise<ReadonlyMap<string, ResourceReport>> {
  const config = loadStackConfig(project, stack, configFile);
  if (config.get(`${project.name}:hypervisor`) === undefined) return new Map();
  const module = loadModule(__filename, "../../kit/proxmox/look-drift.ts", isLookModule);
  return module.lookAtVirtualMachines({ project, stack, configFile, names });
}

function isLookModule(module: unknown): module is LookModule {
  return exportsFunction(module, "lookAtVirtualMachines");
}

/** Each machine's report with the one of its virtual machine at the end. */
export function addVirtual(
  reports: readonly MachineReport[],
  virtual: ReadonlyMap<string, ResourceReport>,
): MachineReport[] {
  return reports.map((report) => {
    const one = virtual.get(report.machine);
    return one === undefined ? report : { ...report, resources: [...report.resources, one] };
  });
}
