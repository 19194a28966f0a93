import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { SCRIPTS } from "./run-context";
import { waitFor } from "./wait";

const MachineEvent = z.object({
  event: z.enum(["watching", "forgotten", "asleep", "awake"]),
  machine: z.string(),
});
const MagicEvent = z.object({
  event: z.literal("magic"),
  mac: z.string(),
  from: z.string(),
  at: z.number(),
});
const Event = z.union([z.object({ event: z.literal("ready") }), MachineEvent, MagicEvent]);

/** A magic packet that was seen on the bridge: for which MAC, from which address, when (Unix time). */
export interface MagicPacket {
  readonly mac: string;
  readonly from: string;
  readonly at: number;
}

export interface WatchOrder {
  readonly machine: string;
  readonly mac: string;
  /** The machine's port on the bridge. */
  readonly port: string;
  /** Its control group in the second version's hierarchy. */
  readonly cgroup: string;
  /** The folder with the pipes that its suspend hook talks through. */
  readonly folder: string;
}

/** Puts machines to sleep and wakes them, and keeps what magic packets were seen. See watcher.py. */
export class Watcher {
  readonly magicPackets: MagicPacket[] = [];
  private readonly states = new Map<string, "watching" | "forgotten" | "asleep" | "awake">();
  private ready = false;

  private constructor(
    private readonly process: ChildProcess,
    private readonly onMagic: (packet: MagicPacket) => void,
  ) {}

  static async start(onMagic: (packet: MagicPacket) => void): Promise<Watcher> {
    const child = spawn("python3", [path.join(SCRIPTS, "watcher.py")], {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    const watcher = new Watcher(child, onMagic);
    createInterface(child.stdout).on("line", (line) => {
      watcher.hear(line);
    });
    await waitFor("the watcher", () => Promise.resolve(watcher.ready));
    return watcher;
  }

  isAsleep(machine: string): boolean {
    return this.states.get(machine) === "asleep";
  }

  watch(order: WatchOrder): Promise<void> {
    return this.order({ do: "watch", ...order }, order.machine, "watching");
  }

  forget(machine: string): Promise<void> {
    return this.order({ do: "forget", machine }, machine, "forgotten");
  }

  async freeze(machine: string): Promise<void> {
    if (!this.isAsleep(machine)) await this.order({ do: "freeze", machine }, machine, "asleep");
  }

  async thaw(machine: string): Promise<void> {
    if (this.isAsleep(machine)) await this.order({ do: "thaw", machine }, machine, "awake");
  }

  async stop(): Promise<void> {
    const ended = once(this.process, "exit");
    this.process.stdin?.end();
    await ended;
  }

  private async order(order: object, machine: string, state: string): Promise<void> {
    this.process.stdin?.write(`${JSON.stringify(order)}\n`);
    await waitFor(`${machine} to be ${state}`, () =>
      Promise.resolve(this.states.get(machine) === state),
    );
  }

  private hear(line: string): void {
    const event = Event.parse(JSON.parse(line));
    if (event.event === "ready") {
      this.ready = true;
    } else if (event.event === "magic") {
      this.magicPackets.push(event);
      this.onMagic(event);
    } else {
      this.states.set(event.machine, event.event);
    }
  }
}
