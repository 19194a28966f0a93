import { showPlan } from "../../kit/plan/show-plan";
import { findChange, parsePulumiArguments, type PulumiArguments } from "../../kit/pulumi/arguments";
import { callPulumi } from "../../kit/pulumi/call";
import { findCli } from "../../kit/pulumi/find-cli";
import { loadProject } from "../../kit/stack-file/project";
import { EXIT, UserError } from "../../kit/user-error";
import type { Input } from "./command";
import { writeProgress } from "../../kit/controller/results";
import { renderChangeWithoutCli, renderNoCli, renderPlanInstead } from "./render";

/** `vmstation pulumi`: the CLI with a local state, unless the user has set up another. */
export async function run({ args: [command, rest], options }: Input): Promise<number> {
  const args = parsePulumiArguments(command, rest);
  const stack = args.stack ?? options.stack;
  const project = loadProject(options.cwd);
  const onWaiting = (line: string): void => {
    writeProgress(`${line}\n`);
  };
  const cli = await findCli({ root: project.root, env: process.env, onWaiting });
  if (cli.path !== undefined) return callPulumi({ project, cli: cli.path, stack, args });
  return withoutCli(args, { cwd: options.cwd, stack, reason: cli.reason });
}

/** A preview can be answered by the plan; nothing else can be done without the CLI. */
async function withoutCli(
  args: PulumiArguments,
  { cwd, stack, reason }: { readonly cwd: string; readonly stack: string; readonly reason: string },
): Promise<number> {
  const { command, rest, configFile } = args;
  if (command !== "preview") throw new UserError(renderNoCli(reason));
  const change = findChange(args);
  if (change !== undefined) throw new UserError(renderChangeWithoutCli(reason, change));
  writeProgress(renderPlanInstead(reason));
  const json = rest.includes("--json") || rest.includes("-j");
  await showPlan({ cwd, stack, json, configFile, settings: [] });
  return EXIT.pass;
}
