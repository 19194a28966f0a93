import { setTimeout as pause } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { RemoteMachine } from "./machine";
import { sendByWayOf } from "./relay";
import { answersSsh, isOnLan, sendMagicPacket } from "./wake";

/** A machine that may be asleep, and how long it may take to wake. */
export interface Sleeper extends RemoteMachine {
  /** Seconds from the first magic packet until SSH answers, at most. */
  readonly wakeTimeout: number;
}

export interface WakeSettings {
  readonly sleepers: readonly Sleeper[];
  /** The LAN's network and broadcast address. */
  readonly lan: { readonly cidr: string; readonly broadcast: string };
  /** The always-on machine that sends the packet where this computer is not on the LAN. */
  readonly relay: RemoteMachine | undefined;
}

/** One name for all, for ever: the state keeps it, and an `up` that lacks a registered hook of that name stops. */
const HOOK = "vmstation-wake";

const hookInputs = z.object({ connection: z.object({ host: z.string() }) });

/**
 * Hooks that wake the machine a resource is about to change, and only then: Pulumi runs them for resources
 * with work to do, never in a preview. Resources of one machine share one attempt.
 */
export function createWakeHooks(settings: WakeSettings): pulumi.ResourceHookBinding {
  const attempts = new Map<string, Promise<void>>();
  const hook = new pulumi.ResourceHook(HOOK, async (args) => {
    const inputs = hookInputs.safeParse(args.newInputs ?? args.oldInputs);
    if (!inputs.success) return;
    const sleeper = settings.sleepers.find((m) => m.address === inputs.data.connection.host);
    if (sleeper === undefined) return;
    const attempt = attempts.get(sleeper.name) ?? wake(sleeper, settings);
    attempts.set(sleeper.name, attempt);
    try {
      await attempt;
    } finally {
      attempts.delete(sleeper.name);
    }
  });
  return { beforeCreate: [hook], beforeUpdate: [hook], beforeDelete: [hook] };
}

async function sendPacket(sleeper: Sleeper, settings: WakeSettings): Promise<void> {
  if (sleeper.mac === undefined) return;
  const targets = [settings.lan.broadcast, sleeper.address];
  if (settings.relay === undefined || isOnLan(settings.lan.cidr)) {
    await sendMagicPacket(sleeper.mac, targets);
  } else {
    await sendByWayOf(settings.relay, sleeper.mac, targets);
  }
}

/** Sends magic packets, at growing intervals up to 10 s, until SSH answers; throws after the time-out. */
async function wake(sleeper: Sleeper, settings: WakeSettings): Promise<void> {
  if (await answersSsh(sleeper.address, sleeper.sshPort, 2000)) return;
  void pulumi.log.info(`waking ${sleeper.name} (${sleeper.address})`);
  const deadline = Date.now() + sleeper.wakeTimeout * 1000;
  for (let interval = 1000; Date.now() < deadline; interval = Math.min(interval * 1.5, 10_000)) {
    await sendPacket(sleeper, settings);
    if (await answersSsh(sleeper.address, sleeper.sshPort, interval)) return;
    await pause(250);
  }
  throw new Error(
    `${sleeper.name} did not wake: no SSH at ${sleeper.address}:${sleeper.sshPort} within ` +
      `${sleeper.wakeTimeout} s of the first magic packet to ${sleeper.mac ?? "no MAC address"}. ` +
      `Look at its power, its cable and its BIOS's Wake-on-LAN; to go on without it, set ` +
      `vmstation:machines.${sleeper.name}.offline to true`,
  );
}
