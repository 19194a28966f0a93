import { printable } from "../../kit/terminal/printable";
import { errorText } from "../../kit/look/findings";
import { look } from "./look";
import { LineSplitter } from "../../kit/look/line-splitter";
import type { Confirmation, FixReport, MachineReport, ResourceReport } from "../../kit/look/report";
import { planReruns, type Rerun } from "./reruns";
import type { SshClient } from "../../kit/ssh/client";
import type { MachineTargets } from "../../kit/look/targets";

export interface FixArgs {
  readonly targets: readonly MachineTargets[];
  /** What a look has found. */
  readonly reports: readonly MachineReport[];
  readonly client: SshClient;
  /** Only say what would be run. */
  readonly dryRun: boolean;
  /** Gets what the steps say meanwhile, by line. */
  readonly onOutput: (line: string) => void;
}

const WOULD_RUN: FixReport = { outcome: "would-run", error: null };

/**
 * Runs the update of what has drifted again, nothing else, and looks at it again. Each runs in an SSH session
 * of its own, after all of them that come before it in the plan; machines side by side.
 */
export async function fix(args: FixArgs): Promise<MachineReport[]> {
  const reruns = planReruns(args.targets, args.reports);
  const outcomes = args.dryRun
    ? new Map(reruns.map((rerun) => [rerun.target.urn, WOULD_RUN]))
    : await runAll(reruns, args);
  return Promise.all(
    args.targets.map(async (targets): Promise<MachineReport> => {
      const before = args.reports.find(({ machine }) => machine === targets.machine.name);
      if (before === undefined) throw new Error(`${targets.machine.name} was not looked at`);
      const again = args.dryRun ? undefined : await lookAgain(targets, outcomes, args.client);
      return merge({ before, again, reruns, outcomes });
    }),
  );
}

/** The one session that compares what was run again. */
async function lookAgain(
  targets: MachineTargets,
  outcomes: ReadonlyMap<string, FixReport>,
  client: SshClient,
): Promise<MachineReport | undefined> {
  const again = targets.targets.filter(
    ({ urn, script }) => outcomes.has(urn) && typeof script !== "string" && script.checks,
  );
  return again.length === 0 ? undefined : look({ targets: { ...targets, targets: again }, client });
}

async function runAll(reruns: readonly Rerun[], args: FixArgs): Promise<Map<string, FixReport>> {
  const running = new Map<string, Promise<FixReport>>();
  for (const rerun of reruns) {
    const earlier = rerun.waitsFor.flatMap((urn) => running.get(urn) ?? []);
    running.set(rerun.target.urn, runAfter(rerun, earlier, args));
  }
  const done = [...running].map(async ([urn, result]) => [urn, await result] as const);
  return new Map(await Promise.all(done));
}

/** What confirms a change is run also after a failure: the change may have come into force. */
async function runAfter(
  rerun: Rerun,
  earlier: readonly Promise<FixReport>[],
  args: FixArgs,
): Promise<FixReport> {
  const results = await Promise.all(earlier);
  const failed = results.some(({ outcome }) => outcome !== "mended");
  if (failed && !rerun.confirms) {
    return { outcome: "skipped", error: "not run, because an earlier step failed" };
  }
  return runOne(rerun, args);
}

async function runOne(rerun: Rerun, { client, onOutput }: FixArgs): Promise<FixReport> {
  const { machine, connection, script } = rerun;
  const lines = new LineSplitter((line) => {
    if (!script.secret) onOutput(`${machine}: ${printable(line)}`);
  });
  const { code, stderr } = await client.run(machine, connection, {
    command: script.update,
    input: script.stdin,
    onError: (chunk) => {
      lines.push(chunk);
    },
  });
  lines.end();
  if (code === 0) return { outcome: "mended", error: null };
  const what = code === 255 ? "ssh failed" : `its update stopped with code ${code}`;
  return { outcome: "failed", error: `${what}:\n${errorText(stderr, script.secret)}` };
}

interface MergeArgs {
  readonly before: MachineReport;
  readonly again: MachineReport | undefined;
  readonly reruns: readonly Rerun[];
  readonly outcomes: ReadonlyMap<string, FixReport>;
}

/** What was found first, what was done about it, and how it is now. */
function merge({ before, again, reruns, outcomes }: MergeArgs): MachineReport {
  const confirmations = reruns.flatMap((rerun): Confirmation[] => {
    const { urn, name } = rerun.target;
    const outcome = outcomes.get(urn);
    const own = rerun.confirms && rerun.machine === before.machine;
    return own && outcome !== undefined ? [{ urn, name, ...outcome }] : [];
  });
  const now = new Map(again?.resources.map((resource) => [resource.urn, resource]));
  return {
    ...before,
    confirmations,
    sessions: again?.sessions ?? before.sessions,
    resources: before.resources.map((resource) => {
      const outcome = outcomes.get(resource.urn);
      return outcome === undefined ? resource : mergeResource(resource, outcome, now);
    }),
  };
}

function mergeResource(
  resource: ResourceReport,
  outcome: FixReport,
  now: ReadonlyMap<string, ResourceReport>,
): ResourceReport {
  const after = now.get(resource.urn);
  if (after === undefined) return { ...resource, fix: outcome };
  if (after.status === "as-described" && outcome.outcome === "mended") {
    return { ...resource, status: "mended", fix: outcome };
  }
  if (outcome.outcome !== "mended")
    return { ...resource, status: afterFailure(after), fix: outcome };
  const left = after.differences.map(({ kind, name, reason }) => `${kind} ${name}: ${reason}`);
  const error = [...(after.reason === null ? [] : [after.reason]), ...left].join("\n");
  return { ...resource, status: after.status, fix: { outcome: "still-drifted", error } };
}

/** An update that failed leaves its resource drifted, also where nothing can be seen of it any more. */
function afterFailure({ status }: ResourceReport): ResourceReport["status"] {
  return status === "as-described" ? "drifted" : status;
}
