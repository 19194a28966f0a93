import { renderScanArgs } from "../../../components/remote/ssh-options";
import { UserError } from "../user-error";
import { parseKeyscan } from "./host-key";

/** The host key that a machine shows now, by OpenSSH's own ssh-keyscan; undefined where it does not answer. */
export async function scanHostKey(machine: {
  readonly address: string;
  readonly port: number;
}): Promise<string | undefined> {
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
