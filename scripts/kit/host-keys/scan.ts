import { renderScanArgs } from "../../../components/remote/ssh-options";
import { isBehindJump, scanByJump } from "../../../components/remote/look-by-ssh";
import { UserError } from "../user-error";
import { parseKeyscan, PREFERENCE } from "./host-key";

/** The host key that a machine shows now, by OpenSSH's own ssh-keyscan; undefined where it does not answer. */
export async function scanHostKey(machine: {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}): Promise<string | undefined> {
  if (isBehindJump(machine)) return scanBehindJump(machine);
  const { execa } = await import("execa");
  const args = renderScanArgs(machine, "ed25519,ecdsa");
  const scan = await execa("ssh-keyscan", args, { reject: false });
  if (scan.failed && scan.exitCode === undefined) {
    throw new UserError(
      "The program ssh-keyscan is missing on this computer. Install OpenSSH's client.",
    );
  }
  return parseKeyscan(scan.stdout);
}

/** ssh shows one key in a connection, so the kinds are tried one after the other. */
async function scanBehindJump(machine: {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}): Promise<string | undefined> {
  for (const kind of PREFERENCE) {
    const shown = await scanByJump({ ...machine, sshPort: machine.port }, kind);
    if (shown !== undefined) return shown;
  }
  return undefined;
}
