import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseExport } from "../../kit/state/deployment";
import { State, writeBackup } from "../../kit/state/state";
import { findMergers, mergeFormer } from "../../kit/state/merge";
import { describeMergers, type Migration, renderMigration } from "./render-migration";
import { Options } from "../../kit/options";
import { loadProject, type Project } from "../../kit/stack-file/project";
import { findCli } from "../../kit/pulumi/find-cli";
import { Session } from "../../kit/pulumi/session";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";

/** `vmstation migrate`: brings a state of an earlier version into today's form; nothing is run on any machine. */
export async function run(input: unknown): Promise<ExitCode> {
  const options = new Options(input);
  const stack = options.text("stack");
  const project = loadProject(options.text("cwd"));
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
    return await migrate({ stack, project, options, state }, session);
  } finally {
    session.close();
  }
}

interface MigrateArgs {
  readonly stack: string;
  readonly project: Project;
  readonly options: Options;
  readonly state: State;
}

async function migrate(args: MigrateArgs, { env }: Session): Promise<ExitCode> {
  const { stack, project, options, state } = args;
  const before = await state.export();
  const whole = parseExport(before);
  const merged = describeMergers(findMergers(whole.deployment));
  // Said before anybody is asked: an entry that cannot be carried over.
  const deployment = mergeFormer(whole.deployment);
  const found: Migration = { version: 1, stack, merged, changed: false, backup: null };
  const json = options.flag("json");
  if (merged.length === 0 || options.flag("dryRun")) return report(found, json, EXIT.pass);
  if (!options.flag("yes")) {
    writeLine(renderMigration(found).trimEnd());
    if (!(await confirm(stack))) return report(found, json, EXIT.fail);
  }
  const backup = writeBackup(project.root, stack, before, new Date());
  const file = join(env.TMPDIR ?? project.root, "state.json");
  writeFileSync(file, JSON.stringify({ ...whole, deployment }), { mode: 0o600 });
  await state.import(file);
  return report({ ...found, changed: true, backup }, json, EXIT.pass);
}

function report(migration: Migration, json: boolean, code: ExitCode): ExitCode {
  process.stdout.write(
    json ? `${JSON.stringify(migration, null, 2)}\n` : renderMigration(migration),
  );
  return code;
}

async function confirm(stack: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UserError(`Nobody is here to say yes to this: run it with --yes.`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(
    `This changes the state of ${stack} and no machine; a copy is kept. Go on? [y/N] `,
  );
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
