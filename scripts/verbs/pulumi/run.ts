import { isAboutNoStack, parsePulumiArguments } from "../../kit/pulumi/arguments";
import { runPulumi } from "../../kit/pulumi/run-pulumi";
import { chooseStack } from "../../kit/stack-file/choose-stack";
import { loadProject } from "../../kit/stack-file/project";
import { listStacks, ownFirst } from "../../kit/stack-file/stacks";
import { UserError } from "../../kit/user-error";
import type { Input } from "./command";

/** `vmstation pulumi`: the CLI with a local state, unless the user has set up another. */
export function run({ args: [command, rest], options }: Input): Promise<number> {
  const args = parsePulumiArguments(command, rest);
  const project = loadProject(options.cwd);
  const words = ["pulumi", command, ...rest];
  const named = args.stack ?? options.stack;
  const stack = isAboutNoStack(args)
    ? (args.subject ?? named ?? ownFirst(listStacks(project))[0])
    : (named ?? chooseStack({ project, env: process.env, words }));
  if (stack === undefined) throw new UserError(`There is no stack in ${project.configFolder}.`);
  return runPulumi({ cwd: options.cwd, stack, args });
}
