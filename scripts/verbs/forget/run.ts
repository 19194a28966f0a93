import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { closest } from "fastest-levenshtein";
import { parseExport } from "../../kit/state/deployment";
import { dropResources, findOnMachine } from "../../kit/state/drop-machine";
import { type Forgotten, renderText } from "./render-forgotten";
import { State, writeBackup } from "../../kit/state/state";
import { Options } from "../../kit/options";
import { parseMachines } from "../../kit/stack-file/machines";
import { loadProject, type Project } from "../../kit/stack-file/project";
import { loadStackConfig } from "../../kit/stack-file/stack-config";
import { parseUrn } from "../../engine/urn";
import { findCli } from "../../kit/pulumi/find-cli";
import { Session } from "../../kit/pulumi/session";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";

/** `vmstation forget MACHINE`: takes a dead machine out of the state; nothing is run, there or elsewhere. */
export async function run(input: unknown): Promise<ExitCode> {
  const options = new Options(input);
  const [machine = ""] = options.list("args");
  const stack = options.text("stack");
  const project = loadProject(options.text("cwd"));
  const configured = parseMachines(loadStackConfig(project, stack), project.name).map(
    (m) => m.name,
  );
  const cli = await findCli({ root: project.root, env: process.env, onWaiting: writeLine });
  if (cli.path === undefined) {
    throw new UserError(
      `There is no Pulumi CLI: ${cli.reason}. Without it the state cannot be changed.`,
    );
  }
  const session = new Session({
    ...{ cli: cli.path, project, stack, destroys: false, env: process.env },
  });
  try {
    const state = new State({ cli: cli.path, folder: project.root, stack, env: session.env });
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
  readonly options: Options;
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
  const json = options.flag("json");
  if (dropped.size === 0 || options.flag("dryRun")) return report(found, json, EXIT.pass);
  if (!options.flag("yes")) {
    writeLine(renderText(found).trimEnd());
    if (!(await confirm(machine))) return report(found, json, EXIT.fail);
  }
  const backup = writeBackup(project.root, stack, before, new Date());
  const file = join(env.TMPDIR ?? project.root, "state.json");
  const deployment = dropResources(whole.deployment, dropped);
  writeFileSync(file, JSON.stringify({ ...whole, deployment }), { mode: 0o600 });
  await state.import(file);
  return report({ ...found, changed: true, backup }, json, EXIT.pass);
}

function report(forgotten: Forgotten, json: boolean, code: ExitCode): ExitCode {
  process.stdout.write(json ? `${JSON.stringify(forgotten, null, 2)}\n` : renderText(forgotten));
  return code;
}

function unknownMachine(machine: string, known: readonly string[]): UserError {
  const guess = known.length > 0 ? ` Did you mean ${closest(machine, known)}?` : "";
  return new UserError(
    `There is no machine ${machine}, neither in the stack's file nor in its state.${guess}`,
  );
}

async function confirm(machine: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UserError(`Nobody is here to say yes to forgetting ${machine}: run this with --yes.`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(
    `What ${machine} holds stays on it and nobody will take it back. Type its name to forget it: `,
  );
  terminal.close();
  return answer.trim() === machine;
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
