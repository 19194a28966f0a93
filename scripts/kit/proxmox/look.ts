import { ZodError } from "zod";
import { readSite } from "../ssh/operator";
import type { Project } from "../stack-file/project";
import { UserError } from "../user-error";
import { findHypervisorProblems } from "./find-problems";
import { openProxmox } from "./open";

/** What the hypervisor of a stack lacks; an API that cannot be asked is a warning. */
export async function lookAtHypervisor(
  project: Project,
  stack: string,
  configFile: string | undefined,
): Promise<string[]> {
  const site = readSite(project, stack, configFile);
  if (!site.machines.some(({ vm }) => vm !== undefined)) return [];
  const onWarning = (text: string): void => void process.stderr.write(`warning: ${text}\n`);
  try {
    const api = await openProxmox({ project, stack, site }, configFile);
    return await findHypervisorProblems(api, site, onWarning);
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ZodError)) throw error;
    const why = error instanceof UserError ? error.message : "an answer that cannot be read";
    onWarning(`the hypervisor is not looked at: ${why}`);
    return [];
  }
}
