import { Prompt, type PromptStreams } from "../../kit/terminal/prompt";
import type { Facts } from "./facts";
import { findNic, type Looked } from "./nic";
import { renderStaysOn } from "./render";

/** Whether a machine can be woken, as far as a look at it tells. */
export type Wakes = "yes" | "no" | "unknown";

/** What tells whether a machine can be woken. */
interface Sleeper extends Looked {
  readonly facts: Looked["facts"] & Pick<Facts, "wakeOnLan" | "bmc">;
}

/** By a magic packet to its NIC, or by its BMC. Only ethtool knows of the NIC. */
export function canWake({ asked, facts }: Sleeper): Wakes {
  if (facts.bmc !== undefined) return "yes";
  const supported = facts.wakeOnLan.get(findNic({ asked, facts }).port);
  if (supported === undefined) return "unknown";
  return supported.includes("g") ? "yes" : "no";
}

/**
 * Asks for each machine that may sleep whether it does. A control plane never sleeps, nor a virtual machine: no magic
 * packet wakes it.
 */
export async function askWhoSleeps<Machine extends Sleeper>(
  seen: readonly Machine[],
  streams: PromptStreams,
): Promise<Machine[]> {
  const prompt = new Prompt(streams);
  try {
    const answered: Machine[] = [];
    for (const machine of seen) answered.push(await askOne(prompt, machine, streams));
    return answered;
  } finally {
    prompt.close();
  }
}

async function askOne<Machine extends Sleeper>(
  prompt: Prompt,
  machine: Machine,
  { output }: PromptStreams,
): Promise<Machine> {
  const { asked } = machine;
  if (asked.roles.includes("control-plane") || asked.vm !== undefined) return machine;
  const wakes = canWake(machine);
  if (wakes === "no") {
    output.write(renderStaysOn(asked.name));
    return machine;
  }
  const doubt =
    wakes === "unknown" ? " (ethtool is not there, so it is unknown whether it can be woken)" : "";
  const answer = await prompt.ask(`Does ${asked.name} sleep when it is idle?${doubt} y/n [n]: `);
  return { ...machine, asked: { ...asked, sleeps: /^y(es)?$/i.test(answer ?? "") } };
}
