import * as pulumi from "@pulumi/pulumi";
import { runByWayOf, type Relay } from "./relay";

/** How long a hold lasts by itself, and how old it may be when the machine's next resource begins, in seconds. */
const LENGTH = 1800;
const RENEW_AFTER = 600;

const NOT_INSTALLED = "no power controller is installed there yet";

/** Asks the power controller's own entry. */
export function renderHold(machine: string): string {
  return renderEntry("hold", `'${machine}' --for ${LENGTH}s --why 'pulumi up'`);
}

export function renderWake(machine: string): string {
  return renderEntry("wake", `'${machine}' --no-wait --why 'pulumi up'`);
}

function renderEntry(verb: "hold" | "wake", words: string): string {
  return [
    `entry=/usr/local/bin/vmstation-${verb}.sh`,
    `[ -x "$entry" ] || { echo '${NOT_INSTALLED}' >&2; exit 3; }`,
    `exec "$entry" ${words} </dev/null\n`,
  ].join("\n");
}

/** The machine of the power controller: how it is reached, or why it is not. */
export type HoldRelay = Relay | { readonly unreachable: string };

/** Where is said what came of a hold. */
type Log = Pick<typeof pulumi.log, "info" | "warn">;

/** Keeps machines awake at the power controller for as long as a run has work for them; each hold ends by itself. */
export class HoldKeeper {
  private readonly held = new Map<string, { readonly at: number; readonly done: Promise<void> }>();

  constructor(
    private readonly controller: HoldRelay,
    private readonly now: () => number = Date.now,
    private readonly log: Log = pulumi.log,
  ) {}

  /** Never fails: if the controller cannot hold the machine, the log says so. */
  async hold(machine: string): Promise<void> {
    const last = this.held.get(machine);
    if (last !== undefined && this.now() - last.at < RENEW_AFTER * 1000) return last.done;
    const done = this.ask(machine).catch((error: unknown) => {
      this.report(machine, error instanceof Error ? error.message : String(error));
    });
    this.held.set(machine, { at: this.now(), done });
    return done;
  }

  private async ask(machine: string): Promise<void> {
    if ("unreachable" in this.controller) throw new Error(this.controller.unreachable);
    await runByWayOf(this.controller, ["sudo", "-n", "sh", "-eus"], renderHold(machine));
  }

  private report(machine: string, cause: string): void {
    const { controller } = this;
    const where = "unreachable" in controller ? "" : ` by ${controller.machine.name}`;
    const text = `${machine} is not held awake${where}: ${cause}`;
    // Before the first update there is no controller, and nothing puts the machine to sleep.
    if (cause === NOT_INSTALLED) void this.log.info(text);
    else void this.log.warn(`${text}; it may be put to sleep while this run works on it`);
  }
}
