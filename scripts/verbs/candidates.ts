import { OWN_KEYS } from "../../components/apps/own-keys";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { chooseStack } from "../kit/stack-file/choose-stack";
import { loadProject, type Project } from "../kit/stack-file/project";
import { isMap, loadStackConfig } from "../kit/stack-file/stack-config";
import { listStacks } from "../kit/stack-file/stacks";
import { UserError } from "../kit/user-error";
import { loadCommand } from "./load-verb";
import { PARENTS, VERBS } from "./verbs";

type Option = CommandUnknownOpts["options"][number];

/** What options of `vmstation` itself there are, with whether a value follows. */
const GLOBAL: ReadonlyMap<string, boolean> = new Map([
  ["--cwd", true],
  ["-C", true],
  ["--stack", true],
  ["-s", true],
  ["--help", false],
  ["--version", false],
]);

/** Further names that a backup or its restore takes. */
const SETS = ["etcd", "monitoring", "apps"];

/**
 * What may come next after these words, of which the last is not finished: verbs, options, stacks, machines, apps, groups
 * of checks. Nothing where a file is meant, or anything at all. Only the stack's file is read.
 */
export function listCandidates(typed: readonly string[]): string[] {
  // bash breaks `--stack=mine` at the sign.
  const words = typed.filter((word, index) => word !== "=" || index === typed.length - 1);
  const last = words.at(-1) ?? "";
  const current = last === "=" ? "" : last;
  const before = words.slice(0, -1);
  const found = list(before, current, readKnown(before));
  return [...new Set(found)].filter((word) => word.startsWith(current)).sort();
}

function list(before: readonly string[], current: string, known: Known): string[] {
  const { verb, rest } = splitVerb(before);
  const previous = before.at(-1) ?? "";
  if (verb === undefined) {
    if (/^(--stack|-s)$/.test(previous)) return known.stacks();
    if (/^(--cwd|-C)$/.test(previous)) return [];
    return current.startsWith("-") ? [...GLOBAL.keys()] : listFirst(rest);
  }
  const command = loadCommand(verb.replace(" ", "-"));
  const option = command.options.find((one) => isCalled(one, previous));
  if (option?.required === true) return valuesOf(option, known);
  if (current.startsWith("-"))
    return [
      "--help",
      ...command.options.flatMap(({ long, hidden }) => (hidden ? [] : (long ?? []))),
    ];
  return argumentsOf(verb, command, rest, known);
}

/** The verbs, or the second words of one. */
function listFirst([first]: readonly string[]): string[] {
  const verbs = Object.values(VERBS).flatMap((each) => Object.keys(each));
  if (first === undefined) return ["help", ...verbs.map((verb) => verb.split(" ")[0] ?? verb)];
  return verbs.flatMap((verb) =>
    verb.startsWith(`${first} `) ? verb.slice(first.length + 1) : [],
  );
}

/** The verb among the words, and what stands behind it; without a verb, the first of two words that make one. */
function splitVerb(words: readonly string[]): { verb?: string; rest: readonly string[] } {
  let index = 0;
  while (index < words.length && (words[index] ?? "").startsWith("-"))
    index += GLOBAL.get(words[index] ?? "") === true ? 2 : 1;
  const [first, second, ...rest] = words.slice(index);
  if (first === undefined) return { rest: [] };
  const all = Object.values(VERBS).flatMap((each) => Object.keys(each));
  if (PARENTS[first] === undefined) {
    return all.includes(first)
      ? { verb: first, rest: words.slice(index + 1) }
      : { rest: ["unknown"] };
  }
  const whole = `${first} ${second ?? ""}`;
  return all.includes(whole) ? { verb: whole, rest } : { rest: [first] };
}

function isCalled({ short, long }: Option, word: string): boolean {
  return word !== "" && (word === short || word === long);
}

function valuesOf(option: Option, known: Known): string[] {
  if (option.argChoices !== undefined) return [...option.argChoices];
  switch (option.attributeName()) {
    case "stack":
      return known.stacks();
    case "machine":
      return known.machines();
    default:
      return [];
  }
}

/** What the next argument may be. */
function argumentsOf(
  verb: string,
  command: CommandUnknownOpts,
  rest: readonly string[],
  known: Known,
): string[] {
  if (verb === "pulumi" && rest[0] === "stack")
    return rest[1] === "select" ? known.stacks() : ["select", "output", "ls", "history"];
  const given = rest.filter((word, index) => {
    const option = command.options.find((one) => isCalled(one, rest[index - 1] ?? ""));
    return !word.startsWith("-") && option?.required !== true;
  }).length;
  const declared = command.registeredArguments;
  const next = declared[given] ?? declared.findLast(({ variadic }) => variadic);
  if (next === undefined) return [];
  if (next.argChoices !== undefined) return [...next.argChoices];
  const name = next.name();
  if (/^machines?$/.test(name)) return known.machines();
  if (name === "from" || name === "to") return known.stacks();
  if (name === "app") return known.apps();
  if (name === "what") return [...SETS, ...known.apps()];
  return [];
}

interface Known {
  stacks(): string[];
  machines(): string[];
  apps(): string[];
}

/** Names of the project and of the stack that the words are about; none where it cannot be read. */
function readKnown(words: readonly string[]): Known {
  const value = (...flags: readonly string[]): string | undefined => {
    const at = words.findLastIndex((word) => flags.includes(word));
    return at < 0 ? undefined : words[at + 1];
  };
  const withProject = (read: (project: Project) => string[]): string[] => {
    try {
      return read(loadProject(value("-C", "--cwd") ?? "."));
    } catch (error) {
      // Nobody is there to read it, and what is wrong is said once the command is run.
      if (error instanceof UserError) return [];
      throw error;
    }
  };
  const keysOf = (layer: string): string[] =>
    withProject((project) => {
      const named = value("-s", "--stack") ?? process.env.PULUMI_STACK;
      const stack = named ?? chooseStack({ project, env: process.env, words: [] });
      const content = loadStackConfig(project, stack, value("--config-file")).get(
        `${project.name}:${layer}`,
      );
      return isMap(content) ? Object.keys(content) : [];
    });
  return {
    stacks: () => withProject(listStacks),
    machines: () => keysOf("machines"),
    apps: () => keysOf("apps").filter((name) => !OWN_KEYS.includes(name)),
  };
}
