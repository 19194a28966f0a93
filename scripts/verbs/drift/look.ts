import { randomBytes } from "node:crypto";
import { LOOK_COMMAND, renderDriver } from "../../kit/look/driver";
import { explainFailure, type Failure, findObstacle } from "../../kit/look/failure";
import { errorText, judge } from "../../kit/look/findings";
import { FrameReader } from "../../kit/look/frame-reader";
import type { MachineReport, ResourceReport } from "../../kit/look/report";
import type { SshClient, SshResult } from "../../kit/ssh/client";
import type { Connection } from "../../kit/ssh/connection";
import type { MachineTargets, Target, TargetScript } from "../../kit/look/targets";

export interface LookArgs {
  readonly targets: MachineTargets;
  readonly client: Pick<SshClient, "run" | "sessionsTo">;
  /** Told how many of how many steps have been checked, and which ones come now and next. */
  readonly onProgress?: (done: number, all: number, names: readonly string[]) => void;
}

interface Checked {
  readonly target: Target;
  readonly script: TargetScript;
}

/** Checks all that can be checked on one machine, in one SSH session. */
export async function look(args: LookArgs): Promise<MachineReport> {
  const { targets, client } = args;
  const { machine, connection } = targets;
  const start = performance.now();
  const finish = (found: Pick<MachineReport, "status" | "error" | "resources">): MachineReport => ({
    ...{ machine: machine.name, address: machine.address, ...found },
    sessions: client.sessionsTo(machine.name),
    seconds: Math.round(performance.now() - start) / 1000,
    confirmations: [],
  });
  const obstacle = findObstacle(targets);
  if (obstacle !== undefined) return finish(reportFailure(targets, obstacle));
  const checked = listChecked(targets.targets);
  if (connection === undefined || checked.length === 0) {
    return finish({ status: "looked-at", error: null, resources: uncompared(targets.targets) });
  }
  const reader = new FrameReader(randomBytes(16).toString("hex"));
  const result = await runDriver(args, connection, checked, reader);
  if (!reader.ready) return finish(reportFailure(targets, explainFailure(targets, result)));
  const error = reader.ended ? null : explainEnd(reader, result);
  return finish({
    status: reader.ended ? "looked-at" : "could-not-look",
    error,
    resources: collect(targets.targets, checked, reader),
  });
}

/** Why not all steps were checked, though the look had begun. */
function explainEnd({ broken }: FrameReader, { stderr }: SshResult): string {
  const said = errorText(stderr, false);
  const what =
    broken === undefined
      ? "the connection ended before the last step was checked"
      : `its answer could not be read (${broken})\n  to do: check the free space with 'df /run' on the machine`;
  return said === "" ? what : `${what}:\n${said}`;
}

function runDriver(
  { targets, client, onProgress }: LookArgs,
  connection: Connection,
  checked: readonly Checked[],
  reader: FrameReader,
): Promise<SshResult> {
  const names = checked.map(({ target }) => target.name);
  const tell = (done: number): void => {
    onProgress?.(done, names.length, names.slice(done, done + 2));
  };
  tell(0);
  return client.run(targets.machine.name, connection, {
    command: LOOK_COMMAND,
    input: renderDriver({
      token: reader.token,
      scripts: checked.map(({ script }) => script.stdin),
    }),
    onOutput: (chunk) => {
      reader.push(chunk);
      tell(reader.frames.length);
    },
  });
}

function listChecked(targets: readonly Target[]): Checked[] {
  return targets.flatMap((target) => {
    const { script } = target;
    return typeof script === "string" || !script.checks ? [] : [{ target, script }];
  });
}

function uncompared(targets: readonly Target[]): ResourceReport[] {
  return targets.flatMap(({ urn, name, script }) =>
    typeof script === "string" ? [report(urn, name, "not-compared", script)] : [],
  );
}

function report(
  urn: string,
  name: string,
  status: ResourceReport["status"],
  reason: string | null,
): ResourceReport {
  return { urn, name, status, reason, differences: [], fix: null };
}

/** Every resource of a machine that was not looked at has the machine's own status. */
function reportFailure(
  { targets }: MachineTargets,
  { status, error }: Failure,
): Pick<MachineReport, "status" | "error" | "resources"> {
  const resources = [
    ...listChecked(targets).map(({ target }) => report(target.urn, target.name, status, null)),
    ...uncompared(targets),
  ];
  return { status, error, resources };
}

/** In the plan's order; what the session did not come to could not be looked at. */
function collect(
  targets: readonly Target[],
  checked: readonly Checked[],
  { frames }: FrameReader,
): ResourceReport[] {
  const found = new Map<string, ResourceReport>();
  for (const frame of frames) {
    const one = checked[frame.index];
    if (one !== undefined) found.set(one.target.urn, judge(one.target, one.script, frame));
  }
  return targets.flatMap((target): ResourceReport[] => {
    const { urn, name, script } = target;
    if (typeof script === "string") return [report(urn, name, "not-compared", script)];
    if (!script.checks) return [];
    return [found.get(urn) ?? report(urn, name, "could-not-look", "the connection ended")];
  });
}
