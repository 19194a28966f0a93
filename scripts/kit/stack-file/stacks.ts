import { readdirSync } from "node:fs";
import { closest } from "fastest-levenshtein";
import { renderCommand } from "../advice";
import type { Project } from "./project";

/** Stacks that come with the project. They describe machines that are not the reader's. */
const EXAMPLES = ["homelab", "jigga", "lab"];

const FILE = /^Pulumi\.(.+)\.yaml$/;

/** The stacks that have a file, by name. */
export function listStacks(project: Pick<Project, "configFolder">): string[] {
  return readdirSync(project.configFolder)
    .flatMap((file) => FILE.exec(file)?.[1] ?? [])
    .sort();
}

/** True where nobody has described machines of their own yet. */
export function hasOnlyExamples(stacks: readonly string[]): boolean {
  return stacks.every((stack) => EXAMPLES.includes(stack));
}

/** The stacks with those of the user's own first: one of them is meant where an example is given. */
export function ownFirst(stacks: readonly string[]): string[] {
  return [...stacks].sort((a, b) => Number(EXAMPLES.includes(a)) - Number(EXAMPLES.includes(b)));
}

/** The error for a stack whose file is missing: which stacks there are, and how to make one. */
export function renderNoStack(project: Project, stack: string, path: string): string {
  const stacks = listStacks(project);
  const missing = `There is no stack ${JSON.stringify(stack)}: ${path} does not exist.`;
  const create = `To describe your machines: ${renderCommand({ stack }, "init")}`;
  if (stacks.length === 0) return `${missing}\n${create}`;
  const guess = closest(stack, stacks);
  return [
    `${missing} Did you mean ${guess}?`,
    `The stacks of this project: ${stacks.join(", ")}.`,
    create,
  ].join("\n");
}
