import { ZodError } from "zod";
import { listVirtual } from "../../../components/hypervisor/virtual";
import { readDeployment } from "../pulumi/require-today";
import type { Resources as State } from "../pulumi/resources";
import { requireCli } from "../pulumi/require-cli";
import { Session } from "../pulumi/session";
import { readSite } from "../ssh/operator";
import type { Project } from "../stack-file/project";
import { UserError } from "../user-error";
import type { ProxmoxApi } from "./api";
import { findHypervisorProblems } from "./find-problems";
import { findWaiting } from "./moved";
import { findPending } from "./noted";
import { openProxmox } from "./open";
import { listPlaced, type Placed } from "./placed";
import { readably } from "./readably";
import { resourcesSchema } from "./resources";
import { findRestarts } from "./restarts";
import { takeUp } from "./take-up";

/** What is known before an update. */
export interface Look {
  /** Why it cannot be done. */
  readonly problems: readonly string[];
  /** Machines that it cannot move now, with the host that they were configured for. */
  readonly waiting: Placed;
  /** Says, after the update, which machines must restart for what has changed. */
  readonly tellRestarts: () => Promise<void>;
}

/**
 * What the hypervisor of a stack lacks. What an update has left that was cut is taken into the state. An API that cannot
 * be asked is a warning where the update has nothing to do there.
 */
export async function lookAtHypervisor(
  project: Project,
  stack: string,
  configFile: string | undefined,
): Promise<Look> {
  const nothing: Look = { problems: [], waiting: new Map(), tellRestarts: () => Promise.resolve() };
  const site = readSite(project, stack, configFile);
  if (!site.machines.some(({ vm }) => vm !== undefined)) return nothing;
  const onLine = (line: string): void => void process.stderr.write(`${line}\n`);
  const onWarning = (text: string): void => {
    onLine(`warning: ${text}`);
  };
  const resources = await readState(project, stack);
  const placed = listPlaced(resources);
  let problems: string[];
  let api: ProxmoxApi;
  try {
    api = await openProxmox({ project, stack, site }, configFile);
    problems = await findHypervisorProblems(api, site, onWarning, resources);
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ZodError)) throw error;
    const why = error instanceof UserError ? error.message : "an answer that cannot be read";
    const pending = findPending(listVirtual(site.machines), resources);
    if (pending.length > 0) {
      const names = pending.join(", ");
      return {
        ...nothing,
        problems: [`machines.${names}: to be made or changed in Proxmox. ${why}`],
      };
    }
    onWarning(`the hypervisor is not looked at: ${why}`);
    return nothing;
  }
  if (problems.length > 0) return { ...nothing, problems };
  const known = await readably(async () =>
    resourcesSchema.parse(await api.get("/cluster/resources")),
  );
  const machines = listVirtual(site.machines);
  return {
    problems: await takeUp(api, { project, stack, site, resources, onLine }),
    waiting: findWaiting(machines, known, placed),
    tellRestarts: () => tell(() => findRestarts(api, machines, stack), onLine),
  };
}

/** The update is done: what cannot be asked any more makes it no failure. */
async function tell(find: () => Promise<string[]>, onLine: (line: string) => void): Promise<void> {
  try {
    for (const line of await find()) onLine(line);
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ZodError)) throw error;
    const why = error instanceof UserError ? error.message : "an answer that cannot be read";
    onLine(`warning: whether a machine must restart is not known: ${why}`);
  }
}

async function readState(project: Project, stack: string): Promise<State> {
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
