import type { Project } from "../stack-file/project";
import { type RunAgent, startRunAgent } from "../agent/own-agent";
import { listKeyHosts } from "../agent/find-keys";
import { listPlaced, type Placed } from "../proxmox/placed";
import { loadStackConfig } from "../stack-file/stack-config";
import {
  isPreview,
  needsStack,
  type PulumiArguments,
  removesWhatIsGone,
  renderPulumiArguments,
} from "./arguments";
import { previewAsJson } from "./follow/preview";
import { planSteps } from "./follow/steps";
import { update } from "./follow/update";
import { leaveAlone, tellStays } from "./leave-alone";
import { renderLoginWarning } from "./login-warning";
import { readDeployment, type RequireArgs, requireTodaysState } from "./require-today";
import type { Resources } from "./resources";
import { runCli, runQuietly } from "./run-cli";
import { Session } from "./session";
import { findHalfChanged, renderUnread } from "./virtual-machines";
import { UserError } from "../user-error";

/** Whether somebody is there to read a preview and to answer. */
function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Commands that log in to machines, and the one that warns where they could not. */
const LOGS_IN: readonly string[] = ["preview", "up", "destroy"];

/** So that the update sees what a failed one has left undone. */
async function readAgain(
  state: Resources,
  {
    cli,
    folder,
    stack,
    env,
  }: { cli: string; folder: string; stack: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  const failed = findHalfChanged(state);
  if (failed.length === 0) return;
  const targets = failed.flatMap((urn) => ["--target", urn]);
  const args = ["refresh", "--yes", "--skip-preview", "--stack", stack, "--non-interactive"];
  const { code, stderr } = await runQuietly({
    path: cli,
    args: [...args, ...targets],
    folder,
    env,
  });
  if (code !== 0) throw new UserError(renderUnread(failed.length, stderr));
}

/** A refresh that runs the program brings no machine anywhere, so what is noted of it stays too. */
async function keepPlaced(
  { command, rest }: PulumiArguments,
  where: RequireArgs,
): Promise<NodeJS.ProcessEnv> {
  const runs =
    rest.some((word) => /^--run-program(=true)?$/.test(word)) ||
    where.session.env.PULUMI_RUN_PROGRAM === "true";
  if (command !== "refresh" || !runs) return {};
  const { resources } = await readDeployment(where);
  return tellStays(listPlaced(resources ?? []));
}

export interface CallPulumiArgs {
  readonly project: Project;
  /** Path of the CLI. */
  readonly cli: string;
  readonly stack: string;
  readonly args: PulumiArguments;
  /** Whether stdout gets one document of ours; what the CLI shows goes to stderr then. */
  readonly json?: boolean;
  /** Virtual machines that are not moved although their `vm.host` was changed, with the host that they had before. */
  readonly stays?: Placed | undefined;
}

/** Runs one command of the CLI on a stack, and shows the progress of an update. Resolves to the exit code. */
export async function callPulumi(calling: CallPulumiArgs): Promise<number> {
  const { project, cli, stack, args, json = false, stays } = calling;
  const destroys = args.command === "destroy";
  const session = new Session({ cli, project, stack, destroys, env: process.env });
  let agent: RunAgent | undefined;
  try {
    const { configFile } = needsStack(args) ? await session.prepare() : {};
    let placed = await keepPlaced(args, { cli, folder: project.root, stack, session });
    const config = LOGS_IN.includes(args.command)
      ? loadStackConfig(project, stack, args.configFile)
      : undefined;
    if (destroys || removesWhatIsGone(args.command)) {
      const wanted =
        destroys || config === undefined ? {} : { wanted: { config, project: project.name } };
      const folder = project.root;
      const state = await requireTodaysState({ cli, folder, stack, session, destroys, ...wanted });
      if (config !== undefined) placed = leaveAlone(state, config, project, stays);
      if (args.command === "up") await readAgain(state, { cli, folder, stack, env: session.env });
    }
    if (config !== undefined) {
      agent = await startRunAgent(listKeyHosts(config), session.env);
      if (args.command === "preview")
        process.stderr.write(
          (await renderLoginWarning(config, { ...session.env, ...agent.env })) ?? "",
        );
    }
    const env = { ...session.env, ...placed, ...agent?.env };
    const call = { path: cli, folder: project.root, env, toStderr: json };
    const words = renderPulumiArguments(args, stack, configFile);
    if (json && isPreview(args)) {
      return await previewAsJson({ ...call, words, stack, temporary: session.folder });
    }
    const steps = planSteps(args);
    if (steps === undefined || !(steps.yes || isTerminal())) {
      return await runCli({ ...call, args: words });
    }
    const more = renderPulumiArguments({ ...args, rest: [] }, stack, configFile).slice(1);
    return await update(steps, {
      ...call,
      ...{ command: args.command, stack, more, json, temporary: session.folder },
    });
  } finally {
    agent?.close();
    session.close();
  }
}
