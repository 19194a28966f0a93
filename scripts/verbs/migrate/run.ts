import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseExport } from "../../kit/state/deployment";
import { State, writeBackup } from "../../kit/state/state";
import { findMergers, mergeFormer } from "../../kit/state/merge";
import { describeMergers, type Migration, renderMigration } from "./render";
import type { Input } from "./command";
import { loadProject, type Project } from "../../kit/stack-file/project";
import { requireCli } from "../../kit/pulumi/require-cli";
import { confirm } from "../../kit/terminal/confirm";
import { Session } from "../../kit/pulumi/session";
import { writeJson } from "../../kit/verb/document";
import { EXIT, type ExitCode } from "../../kit/user-error";
import { writeProgress } from "../../kit/controller/results";

/** `vmstation migrate`: brings a state of an earlier version into today's form; nothing is run on any machine. */
export async function run({ options }: Input): Promise<ExitCode> {
  const stack = options.stack;
  const project = loadProject(options.cwd);
  const cli = await requireCli(project.root, "Without it the state cannot be changed.");
  const session = new Session({ cli, project, stack, destroys: false, env: process.env });
  try {
    const state = new State({ cli, folder: project.root, stack, env: session.env });
    return await migrate({ stack, project, options, state }, session);
  } finally {
    session.close();
  }
}

interface MigrateArgs {
  readonly stack: string;
  readonly project: Project;
  readonly options: Input["options"];
  readonly state: State;
}

async function migrate(args: MigrateArgs, { env }: Session): Promise<ExitCode> {
  const { stack, project, options, state } = args;
  const before = await state.export();
  const whole = parseExport(before);
  const merged = describeMergers(findMergers(whole.deployment));
  // Before the question: an entry that cannot be converted stops here.
  const deployment = mergeFormer(whole.deployment);
  const found: Migration = { version: 1, stack, merged, changed: false, backup: null };
  const json = options.json;
  if (merged.length === 0 || options.dryRun) return report(found, json, EXIT.pass);
  if (!options.yes) {
    writeProgress(renderMigration(found));
    const question = `This changes the state of ${stack}; a copy is kept. Continue?`;
    if (!(await confirm({ text: question }))) return report(found, json, EXIT.fail);
  }
  const backup = writeBackup(project.root, stack, before, new Date());
  const file = join(env.TMPDIR ?? project.root, "state.json");
  writeFileSync(file, JSON.stringify({ ...whole, deployment }), { mode: 0o600 });
  await state.import(file);
  return report({ ...found, changed: true, backup }, json, EXIT.pass);
}

function report(migration: Migration, json: boolean, code: ExitCode): ExitCode {
  if (json) writeJson(migration);
  else process.stdout.write(renderMigration(migration));
  return code;
}
