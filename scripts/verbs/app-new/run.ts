import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Refusal } from "../../../components/apps/configured/ask-repository";
import { judgeBySchema } from "../../../components/apps/configured/judge-chart";
import { PROJECT } from "../../../components/apps/configured/plan";
import type { Judging } from "../../../components/apps/frame/app";
import { type Problem, renderFound } from "../../../components/shared/problem";
import { checkConfig, type RawConfig } from "../../../stacks/check";
import { renderProblems } from "../../../stacks/errors";
import { judgingOf } from "../../../stacks/rendered-apps";
import type { Site } from "../../../stacks/site";
import { readRaw } from "../../kit/ssh/operator";
import { addBlock, Unwritable } from "../../kit/stack-file/app-blocks";
import { loadProject } from "../../kit/stack-file/project";
import { renderNoStack } from "../../kit/stack-file/stacks";
import { StackText } from "../../kit/stack-file/stack-text";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import { writeJson } from "../../kit/verb/document";
import type { Input } from "./command";
import {
  completeChart,
  draftApp,
  readSource,
  type Draft,
  type Seen,
  type Source,
  type Wanted,
} from "./draft";
import {
  renderBlock,
  renderDone,
  renderMachines,
  renderSources,
  renderTaken,
  renderUnseen,
  renderUnwritable,
} from "./render";

const FIRST_PORT = 30_080;

/** `vmstation app new NAME`: writes the block of an app into the stack's file, and says what to fill in. */
export function run({ args: [name], options }: Input): Promise<ExitCode> {
  const { stack, dryRun } = options;
  const project = loadProject(options.cwd);
  const file = join(project.configFolder, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) throw new UserError(renderNoStack(project, stack, file));
  const raw = readRaw(project, stack, undefined);
  const { site, problems } = checkConfig(raw);
  if (site === undefined) throw new UserError(renderProblems(stack, problems), EXIT.fail);
  if (name in appsOf(raw)) throw new UserError(renderTaken(name, stack), EXIT.fail);
  const how = judgingOf(site, true);
  const source = sourceOf(options, how);
  const seen = readSource(name, source, PROJECT, how);
  if (seen.refusal !== undefined)
    throw new UserError(refusalText(stack, name, seen.refusal), EXIT.fail);
  if (seen.unseen !== undefined) process.stderr.write(renderUnseen(seen.unseen));
  const draft = draftFor({ name, source, objects: seen.objects, machine: options.machine }, site);
  const open = listOpen(name, draft, raw, seen).map((problem) => nameMachines(problem, site));
  const block = renderBlock(name, draft);
  const text = withBlock(file, `${project.name}:apps`, block);
  if (!dryRun) new StackText(file, text).write();
  const changed = !dryRun;
  if (options.json) writeJson({ version: 1, stack, app: name, file, changed, block, open });
  else process.stdout.write(renderDone({ name, stack, file, changed, block, open }));
  return Promise.resolve(EXIT.pass);
}

function refusalText(stack: string, app: string, { key, ...said }: Refusal): string {
  return renderProblems(stack, [{ path: `apps.${app}.chart.${key}`, ...said }]);
}

/** What the command line names, of which there has to be one. */
function sourceOf(options: Input["options"], how: Judging): Source {
  const { chart, kustomize, manifests, repository, chartVersion } = options;
  const named = [chart, kustomize, manifests[0]].filter((each) => each !== undefined);
  if (named.length !== 1) throw new UserError(renderSources());
  if (kustomize !== undefined) return { kind: "kustomize", folder: kustomize };
  if (chart === undefined) return { kind: "manifests", files: manifests };
  if (repository === undefined) throw new UserError(renderSources());
  const wanted = { name: chart, version: chartVersion, repository };
  return { kind: "chart", chart: completeChart(wanted, PROJECT, how) };
}

function draftFor(wanted: Omit<Wanted, "nodePort">, site: Site): Draft {
  const taken = site.facts.nodePorts.map(({ port }) => port);
  const nodePort = (): number => {
    let port = FIRST_PORT;
    while (taken.includes(port)) port += 1;
    taken.push(port);
    return port;
  };
  const [only, ...others] = site.machines;
  const machine = wanted.machine ?? (others.length === 0 ? only?.name : undefined);
  return draftApp({ ...wanted, machine, nodePort });
}

function appsOf({ values }: RawConfig): object {
  return typeof values.apps === "object" && values.apps !== null ? values.apps : {};
}

/** What the configuration lacks with the new app in it, and what its chart asks for. */
function listOpen(name: string, draft: Draft, raw: RawConfig, { chart }: Seen): Problem[] {
  const values = { ...raw.values, apps: { ...appsOf(raw), [name]: draft } };
  const { site, problems } = checkConfig({ ...raw, values });
  const app = site?.apps.find((each) => each.name === name);
  if (site !== undefined && app?.judgeRendered !== undefined)
    return [...app.judgeRendered(judgingOf(site, true)).problems];
  const ofChart = chart === undefined ? [] : judgeBySchema(`apps.${name}`, { values: {} }, chart);
  return [...problems, ...ofChart];
}

/** A schema knows no machines. */
function nameMachines(problem: Problem, { machines }: Site): Problem {
  if (!/^apps\.[^.]+\.machine$/.test(problem.path) || problem.found !== renderFound(undefined))
    return problem;
  return { ...problem, accepted: renderMachines(machines.map(({ name }) => name)) };
}

function withBlock(file: string, key: string, block: readonly string[]): string {
  try {
    return addBlock(readFileSync(file, "utf8"), key, block);
  } catch (error) {
    if (error instanceof Unwritable) throw new UserError(renderUnwritable(file, error, block));
    throw error;
  }
}
