import { checkConfig } from "../../../stacks/check";
import { renderProblems } from "../../../stacks/errors";
import type { Problem } from "../../../components/shared/problem";
import type { Site } from "../../../stacks/site";
import { isMap } from "../../kit/stack-file/stack-config";
import { EXIT, UserError } from "../../kit/user-error";
import type { Composed, ComposedMachine } from "./compose";
import { renderConfig, type RenderFileArgs } from "./render-file";

/** What a configuration may be without: it is left out where it would be wrong, and everything else stays. */
const OPTIONAL = ["mounts", "exports", "bmc", "memory", "labels"];

export interface Settled {
  readonly file: RenderFileArgs;
  readonly site: Site;
}

/**
 * The file in a form that the plan accepts. An optional fact that the plan refuses (a mount, an export) is left out with
 * a comment. Any other mistake is thrown.
 */
export function settle(file: RenderFileArgs): Settled {
  const entries = [...renderConfig(file)].map(
    ([key, value]) => [key.replace(/^vmstation:/, ""), value] as const,
  );
  const { site, problems } = checkConfig({ values: Object.fromEntries(entries), secretKeys: [] });
  if (site !== undefined) return { file, site };
  const composed = problems.reduce(leaveOut, file.composed);
  if (composed !== file.composed) return settle({ ...file, composed });
  throw new UserError(
    `${renderProblems(file.stack, problems)}\nNothing was written. Add or replace a value with --set LAYER.KEY=VALUE.`,
    EXIT.fail,
  );
}

/** Without the fact that a problem is about; the same where it is about none that can be left out. */
function leaveOut(composed: Composed, problem: Problem): Composed {
  const machine = composed.machines.find(({ name }) => isBelow(problem.path, `machines.${name}`));
  const left = machine === undefined ? undefined : withoutFact(machine, problem);
  if (left === undefined) return composed;
  const machines = composed.machines.map((each) => (each === machine ? left : each));
  return { ...composed, machines };
}

function withoutFact(machine: ComposedMachine, problem: Problem): ComposedMachine | undefined {
  const { name, config, comments } = machine;
  for (const fact of OPTIONAL) {
    const path = `machines.${name}.${fact}`;
    const value = config[fact];
    if (value === undefined || !isBelow(problem.path, path)) continue;
    const comment = `left out, as it is refused: ${problem.path.slice(`machines.${name}.`.length)} ${problem.found}; accepted is ${problem.accepted}`;
    const rest = without(config, fact);
    const entry = isMap(value)
      ? Object.keys(value).find((key) => isBelow(problem.path, `${path}.${key}`))
      : undefined;
    if (!isMap(value) || entry === undefined) {
      return { name, config: rest, comments: [...comments, comment] };
    }
    const others = without(value, entry);
    const kept = Object.keys(others).length === 0 ? rest : { ...rest, [fact]: others };
    return { name, config: kept, comments: [...comments, comment] };
  }
  return undefined;
}

function without(map: Readonly<Record<string, unknown>>, key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).filter(([each]) => each !== key));
}

function isBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`);
}
