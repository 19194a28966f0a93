import { setTimeout as pause } from "node:timers/promises";
import type { RemoteMachine } from "../../../components/remote/machine";
import { sendByWayOf } from "../../../components/remote/relay";
import { answers } from "../../../components/remote/look-by-ssh";
import { isOnLan, sendMagicPacket } from "../../../components/remote/wake";
import { Redactor } from "../redact/redact";
import { UserError } from "../user-error";

/** How long one look at the SSH port may take, in milliseconds. */
const LOOK = 2000;
const LONGEST_INTERVAL = 10_000;

/** What sends a magic packet to `mac` at each target; tests put their own in its place. */
export type Sender = (mac: string, targets: readonly string[]) => Promise<void>;

/**
 * This computer where it is on the LAN, else the first machine that can pass the packet on. Throws where nothing on
 * the LAN can be reached.
 */
export function chooseSender(
  lan: { readonly cidr: string },
  relays: readonly RemoteMachine[],
  onLan: (cidr: string) => boolean = isOnLan,
): Sender {
  if (onLan(lan.cidr)) return sendMagicPacket;
  if (relays.length === 0) {
    throw new UserError(
      `No magic packet can be sent: this computer is not in ${lan.cidr}, and no machine there answers. ` +
        "Press the machine's power button, or run this on a computer in the LAN.",
    );
  }
  return async (mac, targets) => {
    const failures: string[] = [];
    for (const machine of relays) {
      try {
        await sendByWayOf({ machine }, mac, targets);
        return;
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        failures.push(`${machine.name}: ${new Redactor().redact(said)}`);
      }
    }
    throw new UserError(`No magic packet was sent: ${failures.join("; ")}`);
  };
}

export interface DirectWake {
  readonly machine: RemoteMachine;
  /** The LAN's broadcast address. */
  readonly broadcast: string;
  /** Seconds until its SSH is given up. */
  readonly patience: number;
  readonly wait: boolean;
  readonly send: Sender;
  readonly onProgress: (text: string) => void;
}

/** Why the machine is not up (yet): nothing where its SSH answers, or where nobody waits for that. */
export async function wakeDirectly(wake: DirectWake): Promise<string[]> {
  const { machine, patience } = wake;
  const { name, address, sshPort, mac } = machine;
  if (await answers(machine, LOOK)) return [];
  if (mac === undefined) {
    return [
      `does not answer, and no magic packet wakes it: machines.${name}.mac is not set; a virtual machine is ` +
        "woken by the power controller, or started in Proxmox",
    ];
  }
  const deadline = performance.now() + patience * 1000;
  wake.onProgress(`${name}: magic packet to ${mac}\n`);
  for (
    let interval = 1000;
    performance.now() < deadline;
    interval = Math.min(interval * 1.5, LONGEST_INTERVAL)
  ) {
    await wake.send(mac, [wake.broadcast, address]);
    if (!wake.wait) return [];
    const next = performance.now() + interval;
    if (await answers(machine, interval)) return [];
    // A refused connection is answered at once; the next packet has time.
    await pause(Math.max(0, Math.min(next, deadline) - performance.now()));
    // Timers come early by a fraction of a millisecond: no packet for which no time is left.
    if (next >= deadline) break;
  }
  return [`no SSH at ${address}:${sshPort} within ${patience} s of the first magic packet`];
}
