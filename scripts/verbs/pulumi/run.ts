import { Options } from "../../kit/options";
import { run as runPlan } from "../plan/run";
import { loadProject } from "../../kit/stack-file/project";
import { loadStackConfig } from "../../kit/stack-file/stack-config";
import {
  findChange,
  needsStack,
  parsePulumiArguments,
  type PulumiArguments,
  removesWhatIsGone,
  renderPulumiArguments,
} from "./arguments";
import { findCli } from "../../kit/pulumi/find-cli";
import { isTerminal } from "./follow/ask";
import { planSteps } from "./follow/steps";
import { update } from "./follow/update";
import { renderLoginWarning } from "./login-warning";
import { requireTodaysState } from "../../kit/pulumi/require-today";
import { runCli } from "../../kit/pulumi/run-cli";
import { Session } from "../../kit/pulumi/session";
import { UserError } from "../../kit/user-error";

const INSTALL = "Install it as https://www.pulumi.com/docs/install/ says.";

/** `vmstation pulumi`: the CLI with a local state, unless the user has set up another. */
export async function run(input: unknown): Promise<number> {
  const options = new Options(input);
  const args = parsePulumiArguments(options.list("args"));
  const stack = args.stack ?? options.text("stack");
  const project = loadProject(options.text("cwd"));
  const cli = await findCli({ root: project.root, env: process.env, onWaiting: writeLine });
  if (cli.path === undefined) return withoutCli(options, args, stack, cli.reason);
  const session = new Session({
    cli: cli.path,
    project,
    stack,
    destroys: args.command === "destroy",
    env: process.env,
  });
  try {
    const { configFile } = needsStack(args.command) ? await session.prepare() : {};
    const destroys = args.command === "destroy";
    if (destroys || removesWhatIsGone(args.command))
      await requireTodaysState({ cli: cli.path, folder: project.root, stack, session, destroys });
    if (args.command === "preview") {
      const config = loadStackConfig(project, stack, args.configFile);
      process.stderr.write((await renderLoginWarning(config, process.env)) ?? "");
    }
    const call = { path: cli.path, folder: project.root, env: session.env };
    const steps = planSteps(args);
    if (steps === undefined || !(steps.yes || isTerminal())) {
      return await runCli({ ...call, args: renderPulumiArguments(args, stack, configFile) });
    }
    const more = renderPulumiArguments({ ...args, rest: [] }, stack, configFile).slice(1);
    return await update(steps, {
      ...call,
      ...{ command: args.command, stack, more, temporary: session.folder },
    });
  } finally {
    session.close();
  }
}

/** A preview can be answered by the plan; nothing else can be done without the CLI. */
function withoutCli(
  options: Options,
  args: PulumiArguments,
  stack: string,
  reason: string,
): Promise<number> {
  const { command, rest, configFile } = args;
  const what = `There is no Pulumi CLI: ${reason}.`;
  if (command !== "preview") throw new UserError(`${what} ${INSTALL}`);
  const change = findChange(args);
  if (change !== undefined) {
    const instead = "without it, a what-if is npx vmstation plan --set layer.key=VALUE.";
    throw new UserError(`${what} ${change} is for the CLI; ${instead} ${INSTALL}`);
  }
  writeLine(`${what} This is the plan instead. ${INSTALL}`);
  const json = rest.includes("--json") || rest.includes("-j");
  return runPlan({ cwd: options.text("cwd"), stack, json, configFile, set: [] });
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
