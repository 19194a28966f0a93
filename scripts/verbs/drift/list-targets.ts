import { join } from "node:path";
import type { Options } from "../../kit/options";
import { plan } from "../../engine/plan";
import type { Project } from "../../kit/stack-file/project";
import { loadStackConfig, renderProgramConfig } from "../../kit/stack-file/stack-config";
import { parseMachines, selectMachines } from "./machines";
import { digestProgram } from "./program-digest";
import { TargetCache } from "./target-cache";
import { findTargets, type MachineTargets } from "../../kit/look/targets";

/**
 * What to look for on the chosen machines: from the last plan where nothing that it was made from has changed, unless
 * --no-cache. What --fix runs always comes from a plan that was just made.
 */
export async function listTargets(project: Project, options: Options): Promise<MachineTargets[]> {
  const stack = options.text("stack");
  const configFile = options.optionalText("configFile");
  const config = loadStackConfig(project, stack, configFile);
  const machines = parseMachines(config, project.name);
  const chosen = selectMachines(machines, options.list("machine")).map(({ name }) => name);
  const folder = join(project.root, ".vmstation");
  const cache = new TargetCache(folder, stack, digestProgram(project, stack, config));
  const isFresh = options.flag("fix") || !options.flag("cache");
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
