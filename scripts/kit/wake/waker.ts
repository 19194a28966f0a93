import { wakeTimeoutOf } from "../../../components/power/config";
import { ControllerAway, NoAnswer, PowerController } from "../controller/power-controller";
import { resultSchema } from "../controller/rows";
import type { Operator } from "../ssh/operator";
import { EXIT, type ExitCode } from "../user-error";
import { renderDuration } from "../terminal/duration";
import { chooseSender, wakeDirectly } from "./direct";

type SiteMachine = ReturnType<Operator["machine"]>;

export interface Woken {
  readonly machine: string;
  readonly done: boolean;
  /** Who woke it: the power controller, which puts it back into service, or a magic packet alone. */
  readonly by: "controller" | "magic packet";
  /** Seconds that it took. */
  readonly seconds: number;
  readonly why: string[];
  readonly code: ExitCode;
}

export interface WakerArgs {
  readonly operator: Operator;
  /** What the controller notes as the reason. */
  readonly why: string;
  /** Whether to wait until the machine is up. */
  readonly wait: boolean;
  readonly onProgress: (text: string) => void;
}

/** Wakes machines through the controller, or by magic packets of its own if the controller cannot be asked. */
export class Waker {
  private readonly controller: PowerController;
  private away: ControllerAway | undefined;

  constructor(private readonly args: WakerArgs) {
    this.controller = new PowerController(args.operator, args.onProgress);
  }

  /** What is being done while it wakes, for a person who waits. */
  describe(machine: SiteMachine): string {
    return `is woken, for at most ${renderDuration(this.patience(machine))}`;
  }

  /** How long the machine may take, in seconds. */
  private patience({ power }: SiteMachine): number {
    return wakeTimeoutOf(power, this.args.operator.site.config.power);
  }

  async wake(machine: SiteMachine): Promise<Woken> {
    const begin = performance.now();
    const answer = machine.sleeps ? await this.byController(machine) : undefined;
    const woken = answer ?? (await this.byPacket(machine));
    return { machine: machine.name, ...woken, seconds: (performance.now() - begin) / 1000 };
  }

  /** Undefined where no controller could be asked, or it broke down: its disk may be full. */
  private async byController({ name }: SiteMachine): Promise<WokenBy | undefined> {
    const { why, wait, onProgress } = this.args;
    const args = [name, `--why=${why}`, ...(wait ? [] : ["--no-wait"])];
    try {
      const { code, value } = await this.controller.call("wake", args, resultSchema);
      return { by: "controller", done: value.done, why: value.why, code };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      if (error instanceof ControllerAway) this.away = error;
      onProgress(`${error.message}; waking ${name} without it\n`);
      return undefined;
    }
  }

  private async byPacket(machine: SiteMachine): Promise<WokenBy> {
    const { operator, wait, onProgress } = this.args;
    const { lan } = operator.site.config;
    const relays = operator.site.machines.filter(
      (each) =>
        !each.sleeps &&
        !each.offline &&
        each.name !== machine.name &&
        (this.away?.reachable !== false || each.name !== operator.controller.name),
    );
    const why = await wakeDirectly({
      ...{ machine, broadcast: lan.broadcast, patience: this.patience(machine) },
      ...{ wait, onProgress, send: chooseSender(lan, relays) },
    });
    const done = why.length === 0;
    return { by: "magic packet", done, why, code: done ? EXIT.pass : EXIT.fail };
  }
}

type WokenBy = Pick<Woken, "by" | "done" | "why" | "code">;
