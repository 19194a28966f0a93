import type { MachineReport } from "../../kit/look/report";
import type { Connection } from "../../kit/ssh/connection";
import type { MachineTargets, Target, TargetScript } from "../../kit/look/targets";

/** One update that is to run again. */
export interface Rerun {
  readonly machine: string;
  readonly connection: Connection;
  readonly target: Target;
  readonly script: TargetScript;
  /** True for a step that has not drifted, and only shows that a new connection works. */
  readonly confirms: boolean;
  /** URNs of reruns that must have ended: those before it on its machine, and those that it depends on. */
  readonly waitsFor: readonly string[];
}

/**
 * The updates of what has drifted, none before one that comes before it in the plan; and on a machine where one of
 * them changes what could lock everybody out, the step that confirms it.
 */
export function planReruns(
  targets: readonly MachineTargets[],
  reports: readonly MachineReport[],
): Rerun[] {
  // Also if some steps of a resource could not be checked: what was found is fixed.
  const drifted = new Set(
    reports.flatMap(({ resources }) =>
      resources.filter(({ differences }) => differences.length > 0).map(({ urn }) => urn),
    ),
  );
  const reruns = targets.flatMap((each) => listReruns(each, drifted));
  const ordered = orderByPlan(reruns);
  return ordered.map((rerun, index) => ({
    ...rerun,
    waitsFor: ordered
      .slice(0, index)
      .filter(
        ({ machine, target }) => machine === rerun.machine || rerun.target.after.has(target.urn),
      )
      .map(({ target }) => target.urn),
  }));
}

function listReruns(
  { machine, connection, targets }: MachineTargets,
  drifted: ReadonlySet<string>,
): Rerun[] {
  if (connection === undefined) return [];
  const steps = targets.flatMap((target) => {
    const { script } = target;
    return typeof script === "string" ? [] : [{ target, script }];
  });
  const rerun = steps
    .filter(({ target }) => drifted.has(target.urn))
    .map(({ script }) => script.step);
  return steps.flatMap(({ target, script }): Rerun[] => {
    const mends = drifted.has(target.urn);
    const confirms = !mends && script.confirms.some((step) => rerun.includes(step));
    if (!mends && !confirms) return [];
    return [{ machine: machine.name, connection, target, script, confirms, waitsFor: [] }];
  });
}

/** The machines' lists are each in the plan's order; merged, nothing stands before what it depends on. */
function orderByPlan(reruns: readonly Rerun[]): Rerun[] {
  return [...reruns].sort((a, b) => a.target.after.size - b.target.after.size);
}
