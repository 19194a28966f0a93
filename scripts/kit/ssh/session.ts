import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../user-error";
import { renderKnownHosts, renderSessionArgs } from "../../../components/remote/ssh-options";
import { type Connection, renderLogin } from "./connection";

/** Runs ssh on this terminal; the remote command's exit code, 255 where ssh failed, 128 + n where a signal ended it. */
export function runSession(
  machine: string,
  connection: Connection,
  session: { readonly folder: string; readonly command: readonly string[] },
): Promise<number> {
  const knownHosts = join(session.folder, "known_hosts-session");
  const pinned = renderKnownHosts([{ name: machine, hostKey: connection.hostKey }]);
  writeFileSync(knownHosts, pinned, { mode: 0o600 });
  const { command } = session;
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  const login = renderLogin(machine, connection, { knownHosts });
  const args = renderSessionArgs(login, { command, terminal });
  // Ctrl-C belongs to the remote command; ssh passes it on, and this process outlives it to clean up.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  const child = spawn("ssh", args, { stdio: "inherit" });
  return new Promise<number>((resolve, reject) => {
    child.once("error", () => {
      reject(
        new UserError("The program ssh is missing on this computer. Install OpenSSH's client."),
      );
    });
    child.once("close", (code, signal) => {
      resolve(code ?? 128 + (signal === "SIGHUP" ? 1 : 15));
    });
  }).finally(() => process.off("SIGINT", ignore));
}
