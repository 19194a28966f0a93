import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { listVirtual } from "../../../components/hypervisor/virtual";
import type { Site } from "../../../stacks/site";
import { renderCommand } from "../advice";
import { adviseOnCli } from "../pulumi/follow/explain";
import { readDeployment } from "../pulumi/require-today";
import { requireCli } from "../pulumi/require-cli";
import { Session } from "../pulumi/session";
import type { Project } from "../stack-file/project";
import { type Deployment, parseExport } from "../state/deployment";
import { State, writeBackup } from "../state/state";
import { UserError } from "../user-error";
import type { ProxmoxApi } from "./api";
import { findForeign } from "./foreign";
import { findMoved, markMoved, renderMoved } from "./moved";
import { enterVm } from "./state-entry";
import { findUntracked, renderTakenUp, type Untracked } from "./untracked";

export interface TakeUpArgs {
  readonly project: Project;
  readonly stack: string;
  readonly site: Pick<Site, "config" | "machines">;
  readonly onLine: (line: string) => void;
}

/**
 * Takes virtual machines into Pulumi's state that an update has made before it was cut: the next one would fail, since
 * their numbers are taken. Those that have moved are marked to be read again. Nothing changes in Proxmox. Resolves to what
 * somebody else has made, and to why some are not taken up; then none is.
 */
export async function takeUp(api: Pick<ProxmoxApi, "get">, args: TakeUpArgs): Promise<string[]> {
  const { project, stack, site, onLine } = args;
  const { hypervisor, lan } = site.config;
  if (hypervisor === undefined) return [];
  const machines = listVirtual(site.machines);
  const cli = await requireCli(project.root, "It is needed to read the state of the stack.");
  const session = new Session({ cli, project, stack, destroys: false, env: process.env });
  try {
    await session.prepare();
    const where = { cli, folder: project.root, stack };
    const { resources } = await readDeployment({ ...where, session });
    const found = await findUntracked(api, machines, { hypervisor, lan }, resources ?? []);
    const problems = [
      ...found.flatMap(({ problem }) => problem ?? []),
      ...(await findForeign(api, hypervisor, machines, resources ?? [])),
    ];
    const moved = await findMoved(api, machines, resources ?? []);
    if (found.length + moved.length === 0 || problems.length > 0) return problems;
    const state = new State({ ...where, env: session.env });
    const before = await state.export();
    const whole = parseExport(before);
    const deployment = enterAll(whole.deployment, found, { ...args, hypervisor, lan });
    if (deployment === undefined) return [renderNoParent(found, stack)];
    const backup = writeBackup(project.root, stack, before, new Date());
    const file = join(session.folder, "state.json");
    const marked = markMoved(deployment, moved);
    writeFileSync(file, JSON.stringify({ ...whole, deployment: marked }), { mode: 0o600 });
    await importState(state, file, stack);
    for (const each of found) onLine(renderTakenUp(each));
    for (const each of moved) onLine(renderMoved(each));
    onLine(`A copy of the old state: ${backup}`);
    return [];
  } finally {
    session.close();
  }
}

interface EntryArgs extends Pick<TakeUpArgs, "project" | "stack"> {
  readonly hypervisor: NonNullable<Site["config"]["hypervisor"]>;
  readonly lan: Site["config"]["lan"];
}

function enterAll(
  deployment: Deployment,
  found: readonly Untracked[],
  { project, stack, hypervisor, lan }: EntryArgs,
): Deployment | undefined {
  const context = { config: hypervisor, lan, project: project.name, stack };
  let next: Deployment | undefined = deployment;
  for (const each of found) next = next && enterVm(next, each, context);
  return next;
}

/** Somebody who has killed an update finds the state locked by it. */
async function importState(state: State, file: string, stack: string): Promise<void> {
  try {
    await state.import(file);
  } catch (error) {
    const advice = error instanceof UserError ? adviseOnCli(error.message, stack) : undefined;
    throw advice === undefined ? error : new UserError(advice);
  }
}

/** The whole state is lost, or another computer has it. */
function renderNoParent(found: readonly Untracked[], stack: string): string {
  const names = found.map(({ machine: { name, vm }, host }) => `${name} (${vm.id} on ${host})`);
  const targets = ["--target", "**::hypervisor", "--target", "**::hypervisor-proxmox"];
  const command = renderCommand({ stack }, "pulumi", "up", ...targets);
  return (
    `Proxmox has machines of this stack, and its state has nothing of Proxmox: ${names.join(", ")}. If another computer ` +
    `has the state, work there. If it is lost, this makes the entry that they belong to, and changes no machine. ` +
    `Then run up again: ${command}`
  );
}
