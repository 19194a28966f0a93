import { readScript } from "./step";
import type { RemoteMachine } from "./machine";

/**
 * Sends a magic packet from `relay`, an always-on machine on the LAN, with the operator's own ssh; the
 * packet's sender is a standard-library Python script given on standard input.
 */
export async function sendByWayOf(
  relay: RemoteMachine,
  mac: string,
  targets: readonly string[],
): Promise<void> {
  const { execa } = await import("execa");
  const options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-p", String(relay.sshPort)];
  const command = ["python3", "-", mac, ...targets];
  await execa("ssh", [...options, `${relay.sshUser}@${relay.address}`, "--", ...command], {
    input: readScript(__dirname, "files/send-magic-packet.py"),
  });
}
