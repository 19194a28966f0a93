import { showPlan } from "../../kit/plan/show-plan";
import { findChange, parsePulumiArguments, type PulumiArguments } from "../../kit/pulumi/arguments";
import { callPulumi } from "../../kit/pulumi/call";
import { findCli } from "../../kit/pulumi/find-cli";
import { loadProject } from "../../kit/stack-file/project";
import { EXIT, UserError } from "../../kit/user-error";
import type { Input } from "./command";

const INSTALL = "How to install it: https://www.pulumi.com/docs/install/";

/** `vmstation pulumi`: the CLI with a local state, unless the user has set up another. */
export async function run({ args: [command, rest], options }: Input): Promise<number> {
  const args = parsePulumiArguments(command, rest);
  const stack = args.stack ?? options.stack;
  const project = loadProject(options.cwd);
  const cli = await findCli({ root: project.root, env: process.env, onWaiting: writeLine });
  if (cli.path !== undefined) return callPulumi({ project, cli: cli.path, stack, args });
  return withoutCli(args, { cwd: options.cwd, stack, reason: cli.reason });
}

/** A preview can be answered by the plan; nothing else can be done without the CLI. */
async function withoutCli(
  args: PulumiArguments,
  { cwd, stack, reason }: { readonly cwd: string; readonly stack: string; readonly reason: string },
): Promise<number> {
  const { command, rest, configFile } = args;
  const what = `There is no Pulumi CLI: ${reason}.`;
  if (command !== "preview") throw new UserError(`${what} ${INSTALL}`);
  const change = findChange(args);
  if (change !== undefined) {
    const instead = "Without it, use: npx vmstation plan --set layer.key=VALUE.";
    throw new UserError(`${what} ${change} needs the CLI. ${instead} ${INSTALL}`);
  }
  writeLine(`${what} So this shows the plan of VMStation itself. ${INSTALL}`);
  const json = rest.includes("--json") || rest.includes("-j");
  await showPlan({ cwd, stack, json, configFile, settings: [] });
  return EXIT.pass;
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
