import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HypervisorConfig } from "../../../components/hypervisor/config";
import { listVirtual } from "../../../components/hypervisor/virtual";
import type { Site } from "../../../stacks/site";
import { renderCommand } from "../advice";
import { adviseOnCli } from "../pulumi/follow/explain";
import { requireCli } from "../pulumi/require-cli";
import type { Resources } from "../pulumi/resources";
import { Session } from "../pulumi/session";
import type { Project } from "../stack-file/project";
import { type Deployment, parseExport } from "../state/deployment";
import { State, writeBackup } from "../state/state";
import { UserError } from "../user-error";
import type { ProxmoxApi } from "./api";
import { findForeign } from "./foreign";
import { findMoved, markMoved, type Moved, renderMoved } from "./moved";
import { type Part, renderPartTakenUp } from "./parts";
import { listPlaced, notePlaced, type Placed } from "./placed";
import { readably } from "./readably";
import { resourcesSchema } from "./resources";
import { enterPart, enterVm } from "./state-entry";
import { findUntrackedNetwork } from "./untracked-network";
import { findUntrackedPool } from "./untracked-pool";
import { findUntracked, renderTakenUp, type Untracked } from "./untracked";

export interface TakeUpArgs {
  readonly project: Project;
  readonly stack: string;
  readonly site: Pick<Site, "config" | "machines">;
  /** Of the state. */
  readonly resources: Resources;
  readonly onLine: (line: string) => void;
}

/** What the state lacks, or has otherwise than Proxmox. */
interface Found {
  readonly machines: readonly Untracked[];
  readonly parts: readonly Part[];
  readonly moved: readonly Moved[];
  readonly placed: Placed;
}

/**
 * Takes into Pulumi's state what an update has made before it was cut: the next one would fail, since it is there.
 * Machines that have moved are marked to be read again. Nothing changes in Proxmox. Resolves to what somebody else has
 * made, and to why something is not taken up; then nothing is. Throws a UserError where Proxmox cannot be asked.
 */
export async function takeUp(api: Pick<ProxmoxApi, "get">, args: TakeUpArgs): Promise<string[]> {
  const { hypervisor } = args.site.config;
  if (hypervisor === undefined) return [];
  const all = { ...args, hypervisor };
  const { problems, found } = await readably(() => findAll(api, all));
  const { machines, parts, moved } = found;
  if (machines.length + parts.length + moved.length === 0 || problems.length > 0) return problems;
  const problem = await writeFound(found, all);
  if (problem !== undefined) return [problem];
  for (const each of parts) args.onLine(renderPartTakenUp(each));
  for (const each of machines) args.onLine(renderTakenUp(each));
  for (const each of moved) args.onLine(renderMoved(each));
  return [];
}

async function findAll(
  api: Pick<ProxmoxApi, "get">,
  { site, resources, hypervisor }: WriteArgs,
): Promise<{ readonly problems: string[]; readonly found: Found }> {
  const { lan, cluster } = site.config;
  const virtual = listVirtual(site.machines);
  const known = resourcesSchema.parse(await api.get("/cluster/resources"));
  const machines = await findUntracked(api, virtual, { hypervisor, lan }, resources);
  const all = [
    ...(await findUntrackedPool(api, hypervisor, virtual, resources)),
    ...(await findUntrackedNetwork(api, { hypervisor, cluster: cluster.name }, resources)),
  ];
  const problems = [
    ...machines.flatMap(({ problem }) => problem ?? []),
    ...all.flatMap((each) => ("problem" in each ? each.problem : [])),
    ...(await findForeign(api, virtual, resources)),
  ];
  const parts = all.flatMap((each) => ("problem" in each ? [] : each));
  const placed = listPlaced(resources);
  const moved = findMoved(virtual, resources, known, placed);
  return { problems, found: { machines, parts, moved, placed } };
}

interface WriteArgs extends TakeUpArgs {
  readonly hypervisor: HypervisorConfig;
}

/** Resolves to why it cannot be written; undefined where it is. */
async function writeFound(found: Found, args: WriteArgs): Promise<string | undefined> {
  const { project, stack, onLine } = args;
  const cli = await requireCli(project.root, "It is needed to write the state of the stack.");
  const session = new Session({ cli, project, stack, destroys: false, env: process.env });
  try {
    await session.prepare();
    const state = new State({ cli, folder: project.root, stack, env: session.env });
    const before = await state.export();
    const whole = parseExport(before);
    const deployment = enterAll(whole.deployment, found, args);
    if (deployment === undefined) return renderNoParent(found, stack);
    const backup = writeBackup(project.root, stack, before, new Date());
    const file = join(session.folder, "state.json");
    const noted = found.moved.length === 0 ? deployment : notePlaced(deployment, found.placed);
    const marked = markMoved(noted, found.moved);
    writeFileSync(file, JSON.stringify({ ...whole, deployment: marked }), { mode: 0o600 });
    await importState(state, file, stack);
    onLine(`A copy of the old state: ${backup}`);
    return undefined;
  } finally {
    session.close();
  }
}

/** What machines depend on comes first. */
function enterAll(
  deployment: Deployment,
  { parts, machines }: Found,
  { project, stack, site, hypervisor }: WriteArgs,
): Deployment | undefined {
  const of = { project: project.name, stack };
  const context = { ...of, config: hypervisor, lan: site.config.lan };
  let next: Deployment | undefined = deployment;
  for (const each of parts) next = next && enterPart(next, each, of);
  for (const each of machines) next = next && enterVm(next, each, context);
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
function renderNoParent({ machines, parts }: Found, stack: string): string {
  const names = [
    ...parts.map(({ kind, id }) => `${kind} ${id}`),
    ...machines.map(({ machine: { name, vm }, host }) => `${name} (${vm.id} on ${host})`),
  ].join(", ");
  const targets = ["--target", "**::hypervisor", "--target", "**::hypervisor-proxmox"];
  const command = renderCommand({ stack }, "pulumi", "up", ...targets);
  const what = machines.length === 0 ? "parts" : "machines";
  return (
    `Proxmox has ${what} of this stack, and its state has nothing of Proxmox: ${names}. If another computer ` +
    `has the state, work there. If it is lost, this makes the entry that they belong to, and changes no machine. ` +
    `Then run up again: ${command}`
  );
}
