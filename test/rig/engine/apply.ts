import { loadProject } from "../../../scripts/kit/stack-file/project";
import { run } from "../../../scripts/engine/run";
import { applySetting, parseSetting } from "../../../scripts/kit/stack-file/setting";
import {
  loadStackConfig,
  renderProgramConfig,
  type ProgramConfig,
} from "../../../scripts/kit/stack-file/stack-config";
import type { PropertyMap } from "../../../scripts/engine/values";
import { STACK_TYPE } from "../../../scripts/engine/urn";
import { Applier, type Operation, type Step } from "./applier";
import type { Objects } from "./objects";
import { RemoteCommands } from "./remote-command";
import { StackState } from "./state";

export interface ApplyArgs {
  /** A folder in or below the project. */
  readonly folder: string;
  readonly stack: string;
  /** Another file than the stack's own. */
  readonly configFile?: string;
  /** Changes to the configuration, as `layer.key=VALUE`. */
  readonly settings?: readonly string[];
  /** Values of the configuration that are secrets, by key as written in a stack's file. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The JSON file that keeps the state from one apply to the next; made where there is none. */
  readonly stateFile: string;
  /** Whether to do anything about a resource; default: all of them (as `pulumi up --target`). */
  readonly target?: (urn: string) => boolean;
  /** Where objects of Kubernetes are made for real; without it they are only recorded. */
  readonly objects?: Objects;
  /** Makes a virtual machine in the hypervisor's place; gets what the program asks the provider for. */
  readonly onMachine?: (inputs: unknown) => Promise<void>;
  /** Gets what the program writes and what remote commands log. */
  readonly onOutput?: (text: string) => void;
  /** Ends the program and every connection, as an operator's Ctrl-C does. */
  readonly signal?: AbortSignal;
}

export interface ApplyResult {
  /** In the order in which they were done. */
  readonly steps: readonly Step[];
  /** What the program reported as errors. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly exitCode: number;
  readonly outputs: PropertyMap;
  /** The names of the resources that an operation was done to, sorted. */
  names(operation: Operation): string[];
}

/**
 * Applies a Pulumi program to its machines, as `pulumi up --continue-on-error` would. See Applier
 * for what it does not do. Throws where the program ends early with nothing but its own output to say why: one that
 * does not compile has no resource that could fail, and tells the engine nothing.
 */
export function apply(args: ApplyArgs): Promise<ApplyResult> {
  return runUpdate(args, false);
}

/** Deletes all that the state knows, as `pulumi destroy --run-program` would. */
export function destroy(args: ApplyArgs): Promise<ApplyResult> {
  return runUpdate(args, true);
}

async function runUpdate(args: ApplyArgs, isDestroy: boolean): Promise<ApplyResult> {
  const project = loadProject(args.folder);
  const { stack, onOutput = ignore } = args;
  const signal = args.signal ?? new AbortController().signal;
  const state = new StackState(args.stateFile);
  const commands = new RemoteCommands(signal, onOutput);
  const applier = new Applier({
    state,
    commands,
    objects: args.objects,
    onMachine: args.onMachine,
    destroy: isDestroy,
    target: args.target ?? (() => true),
  });
  try {
    const config = loadConfig(args, project);
    let said = "";
    const { monitor, log, exitCode } = await run({
      ...{ project, stack, config, registrar: applier, signal, dryRun: false },
      onOutput: (text) => {
        said += text;
        onOutput(text);
      },
    });
    if (exitCode !== 0 && log.errors.length === 0 && namesOf(applier.steps, "fail").length === 0) {
      throw new Error(`the program ended with exit code ${String(exitCode)}:\n${said}`);
    }
    const root = [...monitor.registrations.values()].find(({ type }) => type === STACK_TYPE);
    const { steps } = applier;
    return {
      ...{ steps, exitCode, errors: log.errors, warnings: log.warnings },
      outputs: monitor.outputs.get(root?.urn ?? "") ?? {},
      names: (operation) => namesOf(steps, operation),
    };
  } finally {
    commands.close();
  }
}

function loadConfig(args: ApplyArgs, project: ReturnType<typeof loadProject>): ProgramConfig {
  const config = loadStackConfig(project, args.stack, args.configFile);
  for (const text of args.settings ?? []) applySetting(config, project.name, parseSetting(text));
  const rendered = renderProgramConfig(config);
  for (const [key, value] of Object.entries(args.secrets ?? {})) {
    const [namespace, name] = key.includes(":") ? key.split(":") : [project.name, key];
    rendered.values[`${String(namespace)}:config:${String(name)}`] = value;
    rendered.secretKeys.push(`${String(namespace)}:${String(name)}`);
  }
  return rendered;
}

function namesOf(steps: readonly Step[], operation: Operation): string[] {
  return steps
    .filter((step) => step.operation === operation)
    .map(({ name }) => name)
    .sort();
}

function ignore(): void {
  // Output that nobody asked for.
}
