import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../user-error";
import type { Connection } from "./connection";

/**
 * What OpenSSH's client is told for a session of the user's own: the pinned key alone is accepted, the rest is as
 * the user's own settings have it. Words of a command are joined and run by the login shell there, as with ssh.
 */
export function renderSessionArgs(args: {
  readonly machine: string;
  readonly connection: Connection;
  readonly knownHosts: string;
  readonly command: readonly string[];
  /** Whether this end is a terminal; a command gets one only then, as a session without a command does. */
  readonly terminal: boolean;
}): string[] {
  const { connection, command } = args;
  const options = [
    `ConnectTimeout=${connection.perDialTimeout}`,
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile="${args.knownHosts.replaceAll("%", "%%")}"`,
    "GlobalKnownHostsFile=/dev/null",
    `HostKeyAlias=${args.machine}`,
    "UpdateHostKeys=no",
    "VerifyHostKeyDNS=no",
    // A master that is kept open would keep the machine awake after the session.
    "ControlMaster=no",
    "ControlPath=none",
  ];
  return [
    ...(args.terminal && command.length > 0 ? ["-t"] : []),
    ...options.flatMap((option) => ["-o", option]),
    ...["-p", String(connection.port), "-l", connection.user],
    ...["--", connection.host, ...command],
  ];
}

/** Runs ssh on this terminal; the remote command's exit code, 255 where ssh failed, 128 + n where a signal ended it. */
export function runSession(
  machine: string,
  connection: Connection,
  session: { readonly folder: string; readonly command: readonly string[] },
): Promise<number> {
  const knownHosts = join(session.folder, "known_hosts-session");
  writeFileSync(knownHosts, `${machine} ${connection.hostKey ?? ""}\n`, { mode: 0o600 });
  const { command } = session;
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  const args = renderSessionArgs({ machine, connection, knownHosts, command, terminal });
  // Ctrl-C belongs to the remote command; ssh passes it on, and this process outlives it to clean up.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  const child = spawn("ssh", args, { stdio: "inherit" });
  return new Promise<number>((resolve, reject) => {
    child.once("error", () => {
      reject(new UserError("ssh is not on this computer: install OpenSSH's client."));
    });
    child.once("close", (code, signal) => {
      resolve(code ?? 128 + (signal === "SIGHUP" ? 1 : 15));
    });
  }).finally(() => process.off("SIGINT", ignore));
}
