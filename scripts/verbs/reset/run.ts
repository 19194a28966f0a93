import { clusterArgs } from "../../kit/cluster-args";
import type { Input, Level } from "./command";
import { writeProgress } from "../../kit/controller/results";
import { writeJson } from "../../kit/verb/document";
import { parsePulumiArguments } from "../../kit/pulumi/arguments";
import { callPulumi } from "../../kit/pulumi/call";
import { requireCli } from "../../kit/pulumi/require-cli";
import { ClusterState } from "./cluster-state";
import { confirmCluster } from "../../kit/terminal/confirm";
import { describeReset, renderBackup } from "./render";
import { clearController, runAgain, wipe } from "./wipe";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, UserError } from "../../kit/user-error";

/** `vmstation reset soft|hard|full`: see docs/bootstrap.md. Deletes nothing that applications keep on disks. */
export async function run({ args: [level], options }: Input): Promise<number> {
  if (level === "full" && options.json && !options.dryRun) {
    throw new UserError("A full reset takes --json only with --dry-run: its output is Pulumi's.");
  }
  const operator = Operator.open(options);
  try {
    const cluster = clusterArgs(operator.site);
    const name = cluster.clusterName;
    const effects = describeReset(level, cluster, operator.first.name);
    const found = { version: 1, stack: operator.stack, cluster: name, level, effects };
    writeProgress(effects.map((line) => `- ${line}\n`).join(""));
    const isAgreed = !options.dryRun && (await confirmCluster(name, options.yes));
    const backup = isAgreed ? await perform(level, operator, options) : null;
    if (options.json) writeJson({ ...found, changed: isAgreed, backup });
    if (!isAgreed) return options.dryRun ? EXIT.pass : EXIT.fail;
    return level === "full" ? await takeBack(operator, options.configFile) : EXIT.pass;
  } finally {
    operator.close();
  }
}

/** Where the state as it was is kept; null where it did not change. */
async function perform(
  level: Level,
  operator: Operator,
  options: Input["options"],
): Promise<string | null> {
  if (level === "soft") {
    await runAgain(operator);
    return null;
  }
  const args = clusterArgs(operator.site);
  const state = options.keepState
    ? undefined
    : await ClusterState.open(operator.project, operator.stack);
  try {
    await wipe(operator, args);
    if (level === "full") await clearController(operator, args);
    const backup = (await state?.dropCluster()) ?? null;
    if (backup !== null) writeProgress(renderBackup(backup));
    return backup;
  } finally {
    state?.close();
  }
}

/** The engine takes back what every other step has put on the machines, in the order of the graph. */
async function takeBack(
  { project, stack }: Operator,
  configFile: string | undefined,
): Promise<number> {
  const cli = await requireCli(project.root, "Without it the machines' settings stay.");
  const file = configFile === undefined ? [] : ["--config-file", configFile];
  const args = parsePulumiArguments("destroy", ["--yes", "--stack", stack, ...file]);
  return callPulumi({ project, cli, stack, args });
}
