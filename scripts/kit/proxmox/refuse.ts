import { exportsFunction, loadModule } from "../../loader/lazy";
import { loadProject, type Project } from "../stack-file/project";
import { loadStackConfig } from "../stack-file/stack-config";
import { UserError } from "../user-error";
import type { StackOptions } from "../verb/command";

interface LookModule {
  lookAtHypervisor(
    project: Project,
    stack: string,
    configFile: string | undefined,
  ): Promise<string[]>;
}

/**
 * Refuses an update for which Proxmox lacks something, with all of it at once and before anything is made. A stack
 * without a hypervisor loads nothing for it. An API that does not answer is no reason to stop where no virtual machine
 * is to be made or changed: nothing is asked of it then.
 */
export async function refuseHypervisorProblems(options: StackOptions): Promise<void> {
  const { cwd, stack, configFile } = options;
  const project = loadProject(cwd);
  const config = loadStackConfig(project, stack, configFile);
  if (config.get(`${project.name}:hypervisor`) === undefined) return;
  const look = loadModule(__filename, "./look.ts", isLookModule);
  const problems = await look.lookAtHypervisor(project, stack, configFile);
  if (problems.length === 0) return;
  throw new UserError(
    `Nothing was changed, since Proxmox cannot do what the update needs:\n  ${problems.join("\n  ")}`,
  );
}

function isLookModule(module: unknown): module is LookModule {
  return exportsFunction(module, "lookAtHypervisor");
}
