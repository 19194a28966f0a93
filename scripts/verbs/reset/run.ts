import { clusterArgs } from "../../kit/cluster-args";
import { Options } from "../../kit/options";
import { writeJson, writeProgress } from "../../kit/controller/results";
import { run as runPulumi } from "../pulumi/run";
import { ClusterState } from "./cluster-state";
import { confirmName } from "../../kit/terminal/confirm-name";
import { describeReset, parseLevel, type Level } from "./levels";
import { clearController, runAgain, wipe } from "./wipe";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, UserError } from "../../kit/user-error";

/** `vmstation reset soft|hard|full`: see docs/bootstrap.md. Deletes nothing that applications keep on disks. */
export async function run(input: unknown): Promise<number> {
  const options = new Options(input);
  const level = parseLevel(options.list("args")[0]);
  if (level === "full" && options.flag("json") && !options.flag("dryRun")) {
    throw new UserError(
      "--json goes with --dry-run here: a full reset shows what the engine says.",
    );
  }
  const operator = Operator.open(options);
  try {
    const args = clusterArgs(operator.site);
    const effects = describeReset(level, args, operator.controller.name);
    const found = { version: 1, stack: operator.stack, cluster: args.clusterName, level, effects };
    writeProgress(effects.map((line) => `- ${line}\n`).join(""));
    const isAgreed =
      !options.flag("dryRun") && (await confirmName(args.clusterName, options.optionalText("yes")));
    const backup = isAgreed ? await perform(level, operator, options) : null;
    if (options.flag("json")) writeJson({ ...found, changed: isAgreed, backup });
    if (!isAgreed) return options.flag("dryRun") ? EXIT.pass : EXIT.fail;
    return level === "full" ? await takeBack(options) : EXIT.pass;
  } finally {
    operator.close();
  }
}

/** Where the state as it was is kept; null where it did not change. */
async function perform(level: Level, operator: Operator, options: Options): Promise<string | null> {
  if (level === "soft") {
    await runAgain(operator);
    return null;
  }
  const args = clusterArgs(operator.site);
  const state = options.flag("keepState")
    ? undefined
    : await ClusterState.open(operator.project, operator.stack);
  try {
    await wipe(operator, args);
    if (level === "full") await clearController(operator, args);
    const backup = (await state?.dropCluster()) ?? null;
    if (backup !== null) writeProgress(`The state as it was: ${backup}\n`);
    return backup;
  } finally {
    state?.close();
  }
}

/** The engine takes back what every other step has put on the machines, in the order of the graph. */
function takeBack(options: Options): Promise<number> {
  const args = ["destroy", "--yes", "--stack", options.text("stack")];
  return runPulumi({ cwd: options.text("cwd"), stack: options.text("stack"), args });
}
