import { resolve } from "node:path";
import { showPlan } from "../plan/show-plan";
import { loadProject } from "../stack-file/project";
import { EXIT, UserError } from "../user-error";
import { findChange, type PulumiArguments } from "./arguments";
import { callPulumi } from "./call";
import { findCli } from "./find-cli";
import { renderChangeWithoutCli, renderNoCli, renderPlanInstead } from "./render-without-cli";

export interface RunPulumiArgs {
  readonly cwd: string;
  readonly stack: string;
  readonly args: PulumiArguments;
  /** Whether stdout gets one document of ours; what the CLI shows goes to stderr then. */
  readonly json?: boolean;
  /** Virtual machines that are not moved although their `vm.host` was changed: see callPulumi. */
  readonly stays?: ReadonlyMap<string, string> | undefined;
}

/** Runs one command of the CLI on a stack; a preview is answered by our own plan where there is no CLI. */
export async function runPulumi({
  cwd,
  stack,
  json,
  stays,
  ...run
}: RunPulumiArgs): Promise<number> {
  const project = loadProject(cwd);
  const { configFile } = run.args;
  // The CLI runs in the project's folder.
  const args =
    configFile === undefined
      ? run.args
      : { ...run.args, configFile: resolve(project.root, configFile) };
  const cli = await findCli({ root: project.root, env: process.env, onWaiting: writeLine });
  if (cli.path !== undefined) {
    return callPulumi({ project, cli: cli.path, stack, args, json: json === true, stays });
  }
  return withoutCli(args, { cwd, stack, json: json === true, reason: cli.reason });
}

interface WithoutCli {
  readonly cwd: string;
  readonly stack: string;
  readonly json: boolean;
  readonly reason: string;
}

async function withoutCli(args: PulumiArguments, call: WithoutCli): Promise<number> {
  const { cwd, stack, reason } = call;
  const { command, rest, configFile } = args;
  if (command !== "preview") throw new UserError(renderNoCli(reason));
  const change = findChange(args);
  if (change !== undefined) throw new UserError(renderChangeWithoutCli(reason, change, stack));
  process.stderr.write(renderPlanInstead(reason));
  const json = call.json || rest.includes("--json") || rest.includes("-j");
  await showPlan({ cwd, stack, json, configFile, settings: [] });
  return EXIT.pass;
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
