import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { closest } from "fastest-levenshtein";
import { parseExport } from "../../kit/state/deployment";
import { dropResources, findOnMachine } from "../../kit/state/drop-machine";
import { type Forgotten, renderText } from "./render";
import { State, writeBackup } from "../../kit/state/state";
import type { Input } from "./command";
import { parseMachines } from "../../kit/stack-file/machines";
import { loadProject, type Project } from "../../kit/stack-file/project";
import { loadStackConfig } from "../../kit/stack-file/stack-config";
import { parseUrn } from "../../engine/urn";
import { requireCli } from "../../kit/pulumi/require-cli";
import { confirmName } from "../../kit/terminal/confirm";
import { Session } from "../../kit/pulumi/session";
import { writeJson } from "../../kit/verb/document";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import { writeProgress } from "../../kit/controller/results";

/** `vmstation forget MACHINE`: takes a dead machine out of the state; nothing is run, there or elsewhere. */
export async function run({ args: [machine], options }: Input): Promise<ExitCode> {
  const stack = options.stack;
  const project = loadProject(options.cwd);
  const configured = parseMachines(loadStackConfig(project, stack), project.name).map(
    (m) => m.name,
  );
  const cli = await requireCli(project.root, "Without it the state cannot be changed.");
  const session = new Session({ cli, project, stack, destroys: false, env: process.env });
  try {
    const state = new State({ cli, folder: project.root, stack, env: session.env });
    return await forget({ machine, stack, project, configured, options, state }, session);
  } finally {
    session.close();
  }
}

interface ForgetArgs {
  readonly machine: string;
  readonly stack: string;
  readonly project: Project;
  /** The machines of the stack's file. */
  readonly configured: readonly string[];
  readonly options: Input["options"];
  readonly state: State;
}

async function forget(args: ForgetArgs, { env }: Session): Promise<ExitCode> {
  const { machine, stack, project, configured, options, state } = args;
  const before = await state.export();
  const whole = parseExport(before);
  const dropped = findOnMachine(whole.deployment, machine, configured);
  if (dropped.size === 0 && !configured.includes(machine))
    throw unknownMachine(machine, configured);
  const found: Forgotten = {
    ...{ version: 1, stack, machine, configured: configured.includes(machine) },
    dropped: [...dropped].map((urn) => ({ urn, name: parseUrn(urn).name })),
    ...{ changed: false, backup: null },
  };
  const json = options.json;
  if (dropped.size === 0 || options.dryRun) return report(found, json, EXIT.pass);
  if (!options.yes) {
    writeProgress(renderText(found));
    const question = `Files and programs on ${machine} stay there. Type its name to forget it`;
    if (!(await confirmName(machine, { text: question }))) return report(found, json, EXIT.fail);
  }
  const backup = writeBackup(project.root, stack, before, new Date());
  const file = join(env.TMPDIR ?? project.root, "state.json");
  const deployment = dropResources(whole.deployment, dropped);
  writeFileSync(file, JSON.stringify({ ...whole, deployment }), { mode: 0o600 });
  await state.import(file);
  return report({ ...found, changed: true, backup }, json, EXIT.pass);
}

function report(forgotten: Forgotten, json: boolean, code: ExitCode): ExitCode {
  if (json) writeJson(forgotten);
  else process.stdout.write(renderText(forgotten));
  return code;
}

function unknownMachine(machine: string, known: readonly string[]): UserError {
  const guess = known.length > 0 ? ` Did you mean ${closest(machine, known)}?` : "";
  return new UserError(
    `There is no machine ${machine}, neither in the stack's file nor in its state.${guess}`,
  );
}
