import { ZodError } from "zod";
import { listVirtual } from "../../../components/hypervisor/virtual";
import type { Site } from "../../../stacks/site";
import { readDeployment } from "../pulumi/require-today";
import type { Resources } from "../pulumi/resources";
import { requireCli } from "../pulumi/require-cli";
import { Session } from "../pulumi/session";
import { readSite } from "../ssh/operator";
import type { Project } from "../stack-file/project";
import { UserError } from "../user-error";
import type { ProxmoxApi } from "./api";
import { findHypervisorProblems } from "./find-problems";
import { findPending } from "./noted";
import { openProxmox } from "./open";
import { takeUp } from "./take-up";

/**
 * What the hypervisor of a stack lacks. Machines of an update that was cut are taken into the state. An API that cannot be
 * asked is a warning where the update has nothing to do there.
 */
export async function lookAtHypervisor(
  project: Project,
  stack: string,
  configFile: string | undefined,
): Promise<string[]> {
  const site = readSite(project, stack, configFile);
  if (!site.machines.some(({ vm }) => vm !== undefined)) return [];
  const onLine = (line: string): void => void process.stderr.write(`${line}\n`);
  const onWarning = (text: string): void => {
    onLine(`warning: ${text}`);
  };
  let problems: string[];
  let api: ProxmoxApi;
  try {
    api = await openProxmox({ project, stack, site }, configFile);
    problems = await findHypervisorProblems(api, site, onWarning);
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ZodError)) throw error;
    const why = error instanceof UserError ? error.message : "an answer that cannot be read";
    const pending = await listPending(project, stack, site);
    if (pending.length > 0)
      return [`machines.${pending.join(", ")}: to be made or changed in Proxmox. ${why}`];
    onWarning(`the hypervisor is not looked at: ${why}`);
    return [];
  }
  return problems.length > 0 ? problems : takeUp(api, { project, stack, site, onLine });
}

async function listPending(project: Project, stack: string, { machines }: Site): Promise<string[]> {
  const virtual = listVirtual(machines);
  return findPending(virtual, await readState(project, stack));
}

async function readState(project: Project, stack: string): Promise<Resources> {
  const cli = await requireCli(project.root, "It is needed to read the state of the stack.");
  const session = new Session({ cli, project, stack, destroys: false, env: process.env });
  try {
    await session.prepare();
    const found = await readDeployment({ cli, folder: project.root, stack, session });
    return found.resources ?? [];
  } finally {
    session.close();
  }
}
