import { exportsFunction, loadModule } from "../../loader/lazy";
import { loadProject, type Project } from "../stack-file/project";
import { loadStackConfig } from "../stack-file/stack-config";
import { UserError } from "../user-error";
import type { StackOptions } from "../verb/command";
import type { Placed } from "./placed";

interface LookModule {
  lookAtHypervisor(project: Project, stack: string, configFile: string | undefined): Promise<Look>;
}

/** See look.ts. */
interface Look {
  readonly problems: readonly string[];
  readonly waiting: Placed;
  readonly tellRestarts: () => Promise<void>;
}

/**
 * Refuses an update for which Proxmox lacks something, with all of it at once and before anything is made. A stack
 * without a hypervisor loads nothing for it. An API that does not answer is no reason to stop where no virtual machine
 * is to be made or changed: nothing is asked of it then. Resolves to the machines that cannot be moved now, and to what is said
 * after the update.
 */
export async function refuseHypervisorProblems(
  options: StackOptions,
): Promise<Omit<Look, "problems"> | undefined> {
  const { cwd, stack, configFile } = options;
  const project = loadProject(cwd);
  const config = loadStackConfig(project, stack, configFile);
  if (config.get(`${project.name}:hypervisor`) === undefined) return undefined;
  const look = loadModule(__filename, "./look.ts", isLookModule);
  const { problems, ...found } = await look.lookAtHypervisor(project, stack, configFile);
  if (problems.length === 0) return found;
  throw new UserError(
    `Nothing was changed, since Proxmox cannot do what the update needs:\n  ${problems.join("\n  ")}`,
  );
}

function isLookModule(module: unknown): module is LookModule {
  return exportsFunction(module, "lookAtHypervisor");
}
