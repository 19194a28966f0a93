import { resolve } from "node:path";
import type { StackOptions } from "../verb/command";
import { parsePulumiArguments } from "./arguments";
import { refuseHypervisorProblems } from "../proxmox/refuse";
import { runPulumi } from "./run-pulumi";

/** What the verbs of newUpdate and newChange are called with. */
export interface UpdateInput {
  readonly args: readonly [others: readonly string[]];
  readonly options: StackOptions & {
    readonly diff: boolean;
    readonly target: readonly string[];
    readonly json: boolean;
    readonly yes?: boolean;
    readonly skipPreview?: boolean;
    readonly dryRun?: boolean;
  };
}

/** Runs `up`, `preview`, `refresh` or `destroy` of the CLI as a verb of ours. Resolves to the exit code. */
export async function runUpdate(
  command: "up" | "preview" | "refresh" | "destroy",
  { args: [others], options }: UpdateInput,
): Promise<number> {
  const { cwd, stack, json, dryRun } = options;
  const words = [...renderOptions(options), ...others];
  const instead =
    command === "up"
      ? parsePulumiArguments("preview", words)
      : parsePulumiArguments(command, ["--preview-only", ...words]);
  const args = dryRun === true ? instead : parsePulumiArguments(command, words);
  const changes = command === "up" && dryRun !== true;
  const found = changes ? await refuseHypervisorProblems(options) : undefined;
  const code = await runPulumi({ cwd, stack, args, json, stays: found?.waiting });
  await found?.tellRestarts();
  return code;
}

function renderOptions(options: UpdateInput["options"]): string[] {
  const { diff, target, yes, skipPreview, dryRun, configFile } = options;
  const changes = dryRun !== true;
  return [
    ...(diff ? ["--diff"] : []),
    ...target.flatMap((urn) => ["--target", urn]),
    ...(yes === true && changes ? ["--yes"] : []),
    ...(skipPreview === true && changes ? ["--skip-preview"] : []),
    ...(configFile === undefined ? [] : ["--config-file", resolve(configFile)]),
  ];
}
