import type { Input } from "./command";
import { loadProject, type Project } from "../../kit/stack-file/project";
import { judge, short, type Evidence } from "./judge";
import { comparePins } from "./pins";
import { writeProgress } from "../../kit/controller/results";
import {
  NOTHING_PROMOTED,
  type Promotion,
  renderDone,
  renderEvidence,
  renderFailed,
  renderRefusals,
} from "./render";
import { Repository } from "./repository";
import { StackRuns } from "./stack-runs";
import { requireCli } from "../../kit/pulumi/require-cli";
import { confirm } from "../../kit/terminal/confirm";
import { Session } from "../../kit/pulumi/session";
import { readSite } from "../../kit/ssh/operator";
import { writeJson } from "../../kit/verb/document";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";

/** `vmstation promote FROM TO`: what FROM runs, and has found right, goes to TO; nothing else does. */
export async function run({ args: [from, to], options }: Input): Promise<ExitCode> {
  if (from === to) throw new UserError(`${from} cannot be promoted to itself.`);
  const project = loadProject(options.cwd);
  const cli = await requireCli(project.root, "Only the CLI can read the history of a stack.");
  const stacks: Stacks = { project, cli, quiet: options.json, from, to };
  const evidence = await gather(stacks, options.toTag);
  const promotion: Promotion = {
    ...{ version: 1, from, to, commit: evidence.checkout.commit },
    ...{ tag: evidence.tag?.name ?? null, refusals: judge(evidence) },
    ...{ changes: null, promoted: false },
  };
  if (promotion.refusals.length > 0) {
    if (!stacks.quiet) process.stdout.write(renderRefusals(promotion));
    return report(promotion, stacks.quiet, EXIT.fail);
  }
  return promote(promotion, evidence, stacks, options);
}

interface Stacks {
  readonly project: Project;
  readonly cli: string;
  readonly quiet: boolean;
  readonly from: string;
  readonly to: string;
}

async function gather(stacks: Stacks, tag: string | undefined): Promise<Evidence> {
  const { project, from, to } = stacks;
  const repository = new Repository(project.root);
  const pins = comparePins(readSite(project, from).config, readSite(project, to).config);
  const checkout = await repository.checkout();
  const commit = tag === undefined ? undefined : await repository.commitOfTag(tag);
  const [fromHistory, validation] = await withStack(stacks, from, async (runs) => {
    const history = await runs.history();
    return [history, history.length > 0 ? await runs.validation() : undefined] as const;
  });
  return {
    ...{ from, to, checkout, pins, fromHistory, validation },
    tag: tag === undefined || commit === undefined ? undefined : { name: tag, commit },
    toHistory: tag === undefined ? [] : await withStack(stacks, to, (runs) => runs.history()),
  };
}

/** One session at a time: each has the environment and the files of its own stack. */
async function withStack<T>(
  { project, cli, quiet }: Stacks,
  stack: string,
  use: (runs: StackRuns) => Promise<T>,
): Promise<T> {
  const session = new Session({ cli, project, stack, destroys: false, env: process.env });
  try {
    return await use(new StackRuns({ cli, project, stack, session, quiet }));
  } finally {
    session.close();
  }
}

function promote(
  promotion: Promotion,
  { checkout }: Evidence,
  stacks: Stacks,
  options: Input["options"],
): Promise<ExitCode> {
  const { from, to, commit } = promotion;
  const { quiet } = stacks;
  return withStack(stacks, to, async (runs) => {
    if (!quiet) process.stdout.write(renderEvidence(promotion));
    await runs.prepare();
    const seen = { ...promotion, changes: await runs.preview() };
    if (options.dryRun) return report(seen, quiet, EXIT.pass);
    if (!options.yes && !(await confirm({ text: `Promote ${short(commit)} to ${to}?` }))) {
      if (!quiet) process.stdout.write(NOTHING_PROMOTED);
      return report(seen, quiet, EXIT.fail);
    }
    const source = promotion.tag === null ? `promoted from ${from}` : `back to ${promotion.tag}`;
    const code = await runs.update(`${short(commit)}, ${source}`);
    if (code !== 0) {
      writeProgress(renderFailed(to, code));
      return report(seen, quiet, EXIT.fail);
    }
    const done = { ...seen, promoted: true };
    if (!quiet) process.stdout.write(renderDone(done, checkout.tags, new Date()));
    return report(done, quiet, EXIT.pass);
  });
}

function report(promotion: Promotion, asJson: boolean, code: ExitCode): ExitCode {
  if (asJson) writeJson(promotion);
  return code;
}
