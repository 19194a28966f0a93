import { isBehindJump, scanByJump } from "./look-by-ssh";
import type { RemoteMachine } from "./machine";
import { renderScanArgs } from "./ssh-options";

/**
 * Whether the machine shows the pinned key, by OpenSSH's ssh-keyscan. Each connection checks the key itself; this
 * look is only for a message that says what to do, so a computer without ssh-keyscan passes.
 */
export async function showsPinnedKey(machine: RemoteMachine, pinned: string): Promise<boolean> {
  const { execa } = await import("execa");
  const [type = ""] = pinned.split(" ");
  if (isBehindJump(machine)) {
    const shown = await scanByJump(machine, type);
    return shown === undefined || shown === pinned;
  }
  const kind = type.startsWith("ecdsa") ? "ecdsa" : "ed25519";
  const args = renderScanArgs({ address: machine.address, port: machine.sshPort }, kind);
  const scan = await execa("ssh-keyscan", args, { reject: false });
  if (scan.exitCode === undefined) return true;
  const shown = scan.stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return shown.length === 0 || shown.some((line) => line.endsWith(` ${pinned}`));
}
