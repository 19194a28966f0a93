import { setTimeout as pause } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { renderWake, type HoldRelay } from "./hold";
import { showsPinnedKey } from "./host-key";
import type { RemoteMachine } from "./machine";
import { runByWayOf, sendByWayOf, type Relay } from "./relay";
import { answers } from "./look-by-ssh";
import { isOnLan, sendMagicPacket } from "./wake";

/** A machine, and how long it may take until its SSH answers. */
export interface Reachable extends RemoteMachine {
  /** Seconds from the first attempt, or the first magic packet, at most. */
  readonly patience: number;
  /** What helps with one that is no machine of the cluster, such as a hypervisor; nobody but this program holds it awake. */
  readonly foreign?: { readonly unreachable: string; readonly otherKey: string };
}

export interface ReachSettings {
  readonly machines: readonly Reachable[];
  /** The LAN's network and broadcast address. */
  readonly lan: { readonly cidr: string; readonly broadcast: string };
  /** The always-on machine that sends the packet where this computer is not on the LAN. */
  readonly relay: Relay | undefined;
  /** The machine of the power controller, which wakes those that no magic packet wakes. */
  readonly controller?: HoldRelay | undefined;
}

/** How long one look at the SSH port may take, in milliseconds; on a LAN it takes one or two. */
const LOOK = 2000;
const LONGEST_INTERVAL = 10_000;

/**
 * Waits until the machine's SSH answers, waking it where it sleeps, and compares its key with the pinned one.
 * Throws what is wrong and what to do.
 */
export async function reach(machine: Reachable, settings: ReachSettings): Promise<void> {
  if (machine.offline)
    throw new Error(`${machine.name} is marked offline, and this is not yet on it`);
  if (machine.hostKey === undefined) throw new Error(unpinned(machine));
  if (!(await answers(machine, LOOK))) await awaitSsh(machine, settings);
  if (!(await showsPinnedKey(machine, machine.hostKey))) {
    throw new Error(
      `${machine.name} (${machine.address}:${machine.sshPort}) shows another host key than the pinned one: it was ` +
        `reinstalled, or something stands between you and it. ${adviseOnKey(machine)}`,
    );
  }
}

function adviseOnKey({ name, foreign }: Reachable): string {
  if (foreign !== undefined) return foreign.otherKey;
  return `Compare at its console, then: npx vmstation trust ${name} --stack ${pulumi.getStack()}`;
}

/** A real machine without a pinned key stops the update before anything is done; a virtual one is made first. */
function unpinned({ name }: Reachable): string {
  return (
    `the SSH host key of ${name} is not pinned, so nobody knows who answers there. Compare it with what its console ` +
    `shows, and run the update again: npx vmstation trust ${name} --stack ${pulumi.getStack()}`
  );
}

/** Magic packets for a machine that sleeps, or orders to who wakes it, at growing intervals up to 10 s, until its time is over. */
async function awaitSsh(machine: Reachable, settings: ReachSettings): Promise<void> {
  const what = machine.sleeps ? "waking" : "waiting for";
  void pulumi.log.info(
    `${what} ${machine.name} (${machine.address}), for at most ${machine.patience} s`,
  );
  const deadline = performance.now() + machine.patience * 1000;
  let failure: string | undefined;
  for (
    let interval = 1000;
    performance.now() < deadline;
    interval = Math.min(interval * 1.5, LONGEST_INTERVAL)
  ) {
    if (machine.sleeps) {
      const failed = await wake(machine, settings);
      if (failed !== undefined && failed !== failure) void pulumi.log.warn(failed);
      failure = failed;
    }
    const left = Math.max(deadline - performance.now(), 250);
    if (await answers(machine, Math.min(interval, left))) return;
    await pause(250);
  }
  throw new Error([unreachable(machine), ...(failure === undefined ? [] : [failure])].join("; "));
}

/** Returns why nothing was sent, if nothing was: the next may, and somebody may press the power button meanwhile. */
function wake(machine: Reachable, settings: ReachSettings): Promise<string | undefined> {
  const { mac, name } = machine;
  if (mac !== undefined) return sendPacket({ ...machine, mac }, settings);
  return askToWake(name, settings.controller);
}

/** The controller alone has the token of the hypervisor's API that wakes a virtual machine. */
async function askToWake(name: string, controller?: HoldRelay): Promise<string | undefined> {
  const failed = (cause: string): string =>
    `${name} was not woken: ${cause}. Start it in Proxmox, and the update goes on`;
  if (controller === undefined || "unreachable" in controller)
    return failed(controller?.unreachable ?? "there is no power controller");
  try {
    await runByWayOf(controller, ["sudo", "-n", "sh", "-eus"], renderWake(name));
    return undefined;
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

async function sendPacket(
  machine: Reachable & { readonly mac: string },
  { lan, relay }: ReachSettings,
): Promise<string | undefined> {
  const targets = [lan.broadcast, machine.address];
  const sender = isOnLan(lan.cidr) ? undefined : relay;
  try {
    if (sender === undefined) await sendMagicPacket(machine.mac, targets);
    else await sendByWayOf(sender, machine.mac, targets);
    return undefined;
  } catch (error) {
    const from = sender === undefined ? "this computer" : sender.machine.name;
    const cause = error instanceof Error ? error.message : String(error);
    return `no magic packet to ${machine.name} was sent from ${from}: ${cause}`;
  }
}

function unreachable(machine: Reachable): string {
  const { name, address, sshPort, patience, sleeps, mac, foreign } = machine;
  const where = `no SSH at ${address}:${sshPort} within ${patience} s`;
  if (foreign !== undefined) {
    const sent = sleeps ? ` of the first magic packet to ${mac ?? ""}` : "";
    return `${name} ${sleeps ? "did not wake" : "does not answer"}: ${where}${sent}. ${foreign.unreachable}`;
  }
  const goOn = `to go on without it, set vmstation:machines.${name}.offline to true`;
  if (sleeps && mac === undefined)
    return `${name} did not wake: ${where} of the first start by Proxmox. Look at it in Proxmox; ${goOn}`;
  return sleeps
    ? `${name} did not wake: ${where} of the first magic packet to ${mac ?? ""}. Look at its ` +
        `power, its cable and its BIOS's Wake-on-LAN; ${goOn}`
    : `${name} does not answer: ${where}. Look at its power, its cable and its sshd; ${goOn}`;
}
