import { errorText } from "./findings";
import type { MachineReport } from "./report";
import type { SshResult } from "../ssh/client";
import type { MachineTargets } from "./targets";

/** Why a machine was not looked at. */
export type Failure = Pick<MachineReport, "error"> & {
  readonly status: Exclude<MachineReport["status"], "looked-at">;
};

/** No answer at all, as from a machine that is off; one that refuses or hangs up is awake. */
const SILENT = /timed out|No route to host|Host is down/;
const NO_CONNECTION =
  /Connection refused|Network is unreachable|Connection (closed|reset)|kex_exchange_identification/;

const SUDO = "sudo without a password; see docs/going-live.md";

/** What keeps a machine from being looked at, before anything is tried; undefined where nothing does. */
export function findObstacle({ machine, connection }: MachineTargets): Failure | undefined {
  if (machine.offline) return { status: "offline", error: null };
  if (connection !== undefined && connection.hostKey === undefined) {
    return {
      status: "could-not-look",
      error: `its host key is not pinned\n  to do: vmstation trust ${machine.name}`,
    };
  }
  return undefined;
}

/** What it means that the driver has not begun. */
export function explainFailure(
  { machine, connection }: MachineTargets,
  result: SshResult,
): Failure {
  const said = errorText(result.stderr, false);
  const user = connection?.user ?? "its user";
  const fail = (status: Failure["status"], what: string, advice: string): Failure => ({
    status,
    error: `${what}${said === "" ? "" : `:\n${said}`}\n  to do: ${advice}`,
  });
  if (result.code !== 255) {
    return /^sudo: |sudo: not found|sudo: command not found/m.test(said)
      ? fail("could-not-look", `no root shell for ${user}`, `give ${user} ${SUDO}`)
      : fail(
          "could-not-look",
          "the check could not start",
          "check the free space with 'df /run' on the machine",
        );
  }
  if (/host key|HOST IDENTIFICATION/i.test(said)) {
    return fail(
      "could-not-look",
      "its host key is not the pinned one",
      `find out why; if it was reinstalled: vmstation trust ${machine.name}`,
    );
  }
  if (/Permission denied|Too many authentication failures/.test(said)) {
    return fail(
      "could-not-look",
      "it refuses the login",
      "check that 'ssh-add -l' lists a key that the machine accepts",
    );
  }
  if (SILENT.test(said)) {
    if (machine.sleeps) return { status: "asleep", error: null };
    return fail("unreachable", "no answer", "check its power, its network and its firewall");
  }
  if (NO_CONNECTION.test(said)) {
    return fail("unreachable", "no SSH server", "check its network, and that sshd runs there");
  }
  return fail("could-not-look", "ssh failed", `try: ssh ${connection?.host ?? machine.address}`);
}
