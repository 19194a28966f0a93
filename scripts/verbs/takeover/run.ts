import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Site, SiteMachine } from "../../../stacks/site";
import { plan } from "../../engine/plan";
import { parseUrn } from "../../engine/urn";
import { writeProgress } from "../../kit/controller/results";
import { requireCli } from "../../kit/pulumi/require-cli";
import { Session } from "../../kit/pulumi/session";
import { Operator, readSite } from "../../kit/ssh/operator";
import { StackText } from "../../kit/stack-file/stack-text";
import { parseExport, type StackExport } from "../../kit/state/deployment";
import { dropResources, findOnMachine } from "../../kit/state/drop-machine";
import { State, writeBackup } from "../../kit/state/state";
import { confirm } from "../../kit/terminal/confirm";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import { writeJson } from "../../kit/verb/document";
import type { Input } from "./command";
import { listDropped, listEffects } from "./effects";
import { hear } from "./heard";
import { refuseByAnswers, refuseByConfig } from "./refusals";
import { renderQuestion, renderText, type Takeover } from "./render";

/** `vmstation takeover MACHINE`: another control plane becomes the controller, as the present one is dead. */
export async function run({ args: [machine], options }: Input): Promise<ExitCode> {
  const operator = Operator.open(options);
  const { project, stack } = operator;
  try {
    const [from, to] = [operator.controller, operator.machine(machine)];
    orRefuse(refuseByConfig(operator.site, from, to));
    const cli = await requireCli(project.root, "Without it the state cannot be changed.");
    const heard = await hear(operator, from, to);
    orRefuse(refuseByAnswers(heard, [from.name, to.name], options.force));
    const session = new Session({ cli, project, stack, destroys: false, env: process.env });
    try {
      const state = new State({ cli, folder: project.root, stack, env: session.env });
      return await takeOver({ operator, from, to, options, state, folder: session.folder });
    } finally {
      session.close();
    }
  } finally {
    operator.close();
  }
}

function orRefuse(reason: string | undefined): void {
  if (reason !== undefined) throw new UserError(reason, EXIT.fail);
}

interface TakeoverArgs {
  readonly operator: Operator;
  readonly from: SiteMachine;
  readonly to: SiteMachine;
  readonly options: Input["options"];
  readonly state: State;
  /** For files of this run alone. */
  readonly folder: string;
}

async function takeOver(args: TakeoverArgs): Promise<ExitCode> {
  const { operator, from, to, options, state, folder } = args;
  const { project, stack, site } = operator;
  const text = StackText.read(join(project.configFolder, `Pulumi.${stack}.yaml`));
  const after = writeChanged(text, args);
  const before = await state.export();
  const whole = parseExport(before);
  const known = site.machines.map(({ name }) => name);
  const here = findOnMachine(whole.deployment, from.name, known);
  const dropped =
    here.size === 0
      ? new Set<string>()
      : listDropped(here, await urnsOf(args, text.path), await urnsOf(args, after.file));
  const found: Takeover = {
    ...{ version: 1, stack, from: from.name, to: to.name, file: text.path },
    keys: { [`machines.${from.name}.offline`]: true, "cluster.controller": to.name },
    ...listEffects(site, after.site, from),
    dropped: [...dropped].map((urn) => ({ urn, name: parseUrn(urn).name })),
    ...{ changed: false, backup: null },
  };
  if (options.dryRun) return report(found, options.json, EXIT.pass);
  if (!options.yes) {
    writeProgress(renderText(found));
    if (!(await confirm({ text: renderQuestion(found) })))
      return options.json ? report(found, true, EXIT.fail) : EXIT.fail;
  }
  // The state first: a run that ends in between is repeated, and finds nothing to remove any more.
  const backup = dropped.size === 0 ? null : writeBackup(project.root, stack, before, new Date());
  if (dropped.size > 0) await state.import(writeDropped(folder, whole, dropped));
  text.write();
  return report({ ...found, changed: true, backup }, options.json, EXIT.pass);
}

/** The stack as it will be, which has to be right before anything is changed. */
function writeChanged(
  text: StackText,
  { operator, from, to, folder }: TakeoverArgs,
): { file: string; site: Site } {
  const { project, stack } = operator;
  text.set([`${project.name}:machines`, from.name, "offline"], "true");
  text.set([`${project.name}:cluster`, "controller"], to.name);
  const file = join(folder, `Pulumi.${stack}.yaml`);
  writeFileSync(file, text.content, { mode: 0o600 });
  const site = readSite(project, stack, file);
  const isOffline = site.machines.some(({ name, offline }) => name === from.name && offline);
  if (isOffline && site.controller?.name === to.name) return { file, site };
  throw new UserError(
    `${text.path} cannot be changed by a program. Write vmstation:machines.${from.name}.offline: true and ` +
      `vmstation:cluster.controller: ${to.name} into it.`,
  );
}

async function urnsOf({ operator }: TakeoverArgs, configFile: string): Promise<Set<string>> {
  const { project, stack } = operator;
  const { resources } = await plan({
    ...{ folder: project.root, stack, configFile },
    onOutput: () => undefined,
  });
  // A state of an earlier version has them by another name.
  return new Set(resources.flatMap(({ urn, aliases }) => [urn, ...aliases]));
}

function writeDropped(folder: string, whole: StackExport, dropped: ReadonlySet<string>): string {
  const file = join(folder, "state.json");
  const deployment = dropResources(whole.deployment, dropped);
  writeFileSync(file, JSON.stringify({ ...whole, deployment }), { mode: 0o600 });
  return file;
}

function report(takeover: Takeover, json: boolean, code: ExitCode): ExitCode {
  if (json) writeJson(takeover);
  else process.stdout.write(renderText(takeover));
  return code;
}
