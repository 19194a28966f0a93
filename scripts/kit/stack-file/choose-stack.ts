import { renderCommand } from "../advice";
import { UserError } from "../user-error";
import type { Project } from "./project";
import { readSelectedStack } from "./selected-stack";
import { hasOnlyExamples, listStacks, ownFirst } from "./stacks";

export interface ChooseArgs {
  readonly project: Project;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The words that were typed after `vmstation`, for an error that says how to type them instead. */
  readonly words: readonly string[];
  /** The stack to show while there are only those that come with the project. */
  readonly example?: string | undefined;
}

/**
 * The stack of a command that names none, neither by --stack nor by PULUMI_STACK: the one that `pulumi stack select`
 * chose, else the only one there is.
 */
export function chooseStack({ project, env, words, example }: ChooseArgs): string {
  const selected = readSelectedStack(project, env);
  if (selected !== undefined) return selected;
  const stacks = listStacks(project);
  const [only, ...others] = stacks;
  if (only === undefined) throw new UserError(renderNone(project));
  if (others.length === 0) return only;
  if (example !== undefined && hasOnlyExamples(stacks)) return example;
  throw new UserError(renderSeveral(stacks, words));
}

function renderNone({ configFolder }: Project): string {
  return [
    `There is no stack in ${configFolder}: no file is called Pulumi.NAME.yaml.`,
    `To describe your machines: ${renderCommand({ stack: "home" }, "init")}`,
  ].join("\n");
}

function renderSeveral(stacks: readonly string[], words: readonly string[]): string {
  const [stack = ""] = ownFirst(stacks);
  return [
    `This project has several stacks, and none is chosen: ${stacks.join(", ")}.`,
    "To choose one:",
    `  ${renderCommand({ stack }, ...words)}   # for this command`,
    `  export PULUMI_STACK=${stack}   # for this shell`,
    `  ${renderCommand({}, "pulumi", "stack", "select", stack)}   # for this folder, from now on`,
  ].join("\n");
}
