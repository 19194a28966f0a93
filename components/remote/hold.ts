import * as pulumi from "@pulumi/pulumi";
import { runByWayOf, type Relay } from "./relay";

/** How long a hold lasts by itself, and how old it may be when the machine's next resource begins, in seconds. */
const LENGTH = 1800;
const RENEW_AFTER = 600;

/** Asks the power controller's own entry; before that is installed there is nobody who would put a machine to sleep. */
export function renderHold(machine: string): string {
  return [
    "entry=/usr/local/bin/vmstation-hold.sh",
    '[ -x "$entry" ] || exit 0',
    `exec "$entry" '${machine}' --for ${LENGTH}s --why 'pulumi up' </dev/null\n`,
  ].join("\n");
}

/** Keeps machines awake at the power controller for as long as a run has work for them; each hold ends by itself. */
export class HoldKeeper {
  private readonly held = new Map<string, { readonly at: number; readonly done: Promise<void> }>();

  constructor(
    private readonly controller: Relay | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** A controller that cannot be asked, or does not know the machine yet, is told in the log and stops nothing. */
  async hold(machine: string): Promise<void> {
    const { controller } = this;
    if (controller === undefined) return;
    const last = this.held.get(machine);
    if (last !== undefined && this.now() - last.at < RENEW_AFTER * 1000) return last.done;
    const done = runByWayOf(controller, ["sudo", "-n", "sh", "-eus"], renderHold(machine)).catch(
      (error: unknown) => {
        const cause = error instanceof Error ? error.message : String(error);
        void pulumi.log.info(
          `${machine} is not held awake by ${controller.machine.name}: ${cause}`,
        );
      },
    );
    this.held.set(machine, { at: this.now(), done });
    return done;
  }
}
