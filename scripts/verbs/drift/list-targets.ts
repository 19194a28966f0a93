import { join } from "node:path";
import type { Input } from "./command";
import { plan } from "../../engine/plan";
import type { Project } from "../../kit/stack-file/project";
import { loadStackConfig, renderProgramConfig } from "../../kit/stack-file/stack-config";
import { listMachines, selectMachines } from "../../kit/look/machines";
import { digestProgram } from "./program-digest";
import { TargetCache } from "./target-cache";
import { findTargets, type MachineTargets } from "../../kit/look/targets";

/**
 * What to check on the chosen machines. It comes from the last plan if nothing has changed since then and --no-cache is
 * not given. What --fix runs always comes from a new plan.
 */
export async function listTargets(
  project: Project,
  options: Input["options"],
): Promise<MachineTargets[]> {
  const stack = options.stack;
  const configFile = options.configFile;
  const config = loadStackConfig(project, stack, configFile);
  const machines = listMachines(config, project.name);
  const chosen = selectMachines(machines, options.machine).map(({ name }) => name);
  const folder = join(project.root, ".vmstation");
  const cache = new TargetCache(folder, stack, digestProgram(project, stack, config));
  const isFresh = options.fix || !options.cache;
  let targets = isFresh ? undefined : cache.read();
  if (targets === undefined) {
    const { resources } = await plan({
      ...{ folder: project.root, stack, configFile },
      onOutput: (text) => process.stderr.write(text),
    });
    const encrypted = renderProgramConfig(config).secretKeys.length > 0;
    targets = findTargets({ resources, machines, encrypted });
    cache.write(targets);
  }
  return targets.filter(({ machine }) => chosen.includes(machine.name));
}
