import { stripVTControlCharacters } from "node:util";
import { parseWarning, type Warning } from "../../stacks/warnings";
import { EXIT, UserError } from "../kit/user-error";
import { type DuplicateKey, renderDuplicateKeys } from "../kit/stack-file/duplicate-keys";
import { type Machine, parseMachines } from "../kit/stack-file/machines";
import { sortByGraph } from "./order";
import { PreviewRegistrar } from "./preview-registrar";
import { loadProject } from "../kit/stack-file/project";
import type { Registration } from "./registration";
import { run, type RunResult } from "./run";
import { applySetting, parseSetting } from "../kit/stack-file/setting";
import {
  loadStackConfig,
  nameStackFile,
  renderProgramConfig,
} from "../kit/stack-file/stack-config";
import { STACK_TYPE } from "./urn";
import type { PropertyMap } from "./values";

export interface PlanArgs {
  /** A folder in or below the project. */
  folder: string;
  stack: string;
  /** Another file than the stack's own. */
  configFile?: string | undefined;
  /** What-if settings, as `layer.key=VALUE`. */
  settings?: string[];
  /** Gets what the program itself writes. */
  onOutput: (text: string) => void;
  signal?: AbortSignal | undefined;
}

/** What a stack would consist of. Holds the real secrets: print it through `renderDocument`. */
export interface Plan {
  stack: string;
  /** In the order of the graph. */
  resources: Registration[];
  outputs: PropertyMap;
  warnings: Warning[];
  machines: Machine[];
}

/**
 * Runs the stack's program as `pulumi preview` would for an empty state. Nothing is changed and
 * nothing outside this machine is asked. What the program reports as errors is thrown as one
 * UserError with exit code 1.
 */
export async function plan(args: PlanArgs): Promise<Plan> {
  const project = loadProject(args.folder);
  const duplicates: DuplicateKey[] = [];
  const config = loadStackConfig(project, args.stack, args.configFile, (one) => {
    duplicates.push(one);
  });
  for (const text of args.settings ?? []) applySetting(config, project.name, parseSetting(text));
  const result = await run({
    project,
    stack: args.stack,
    config: renderProgramConfig(config),
    registrar: new PreviewRegistrar(),
    dryRun: true,
    onOutput: args.onOutput,
    signal: args.signal,
  });
  const file = nameStackFile(args.stack, args.configFile);
  throwErrors(result, duplicates.length > 0 ? [renderDuplicateKeys(file, duplicates)] : []);
  return {
    stack: args.stack,
    resources: sortByGraph(result.monitor.registrations.values()),
    outputs: stackOutputs(result),
    warnings: collectWarnings(result.log.warnings),
    machines: parseMachines(config, project.name),
  };
}

function throwErrors({ log, exitCode }: RunResult, mistakes: readonly string[]): void {
  // The SDK colours the traces of a program's own bugs even where nobody sees colours.
  const errors = [...mistakes, ...log.errors.map(stripVTControlCharacters)];
  if (errors.length > 0) throw new UserError(errors.join("\n"), EXIT.fail);
  if (exitCode !== 0) {
    throw new UserError(`The program ended with exit code ${String(exitCode)}.`, EXIT.fail);
  }
}

function stackOutputs({ monitor }: RunResult): PropertyMap {
  for (const { type, urn } of monitor.registrations.values()) {
    if (type === STACK_TYPE) return monitor.outputs.get(urn) ?? {};
  }
  return {};
}

/** Each warning once, by path. */
function collectWarnings(lines: string[]): Warning[] {
  const unique = [...new Set(lines)].map((line) => parseWarning(line.trimEnd()));
  return unique.sort((a, b) => compare(a.path, b.path) || compare(a.message, b.message));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
