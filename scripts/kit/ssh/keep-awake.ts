import { hostname, userInfo } from "node:os";
import type { PowerController } from "../controller/power-controller";
import { resultSchema } from "../controller/rows";
import { UserError } from "../user-error";

/** A hold outlives a computer that is shut for at most this long, in seconds; it is renewed well before its end. */
const LENGTH = 900;
const RENEW = 300;

/** Keeps a machine awake at the power controller for as long as something lasts here. */
export class KeepAwake {
  private timer: NodeJS.Timeout | undefined;
  private readonly why: string;

  constructor(
    private readonly controller: Pick<PowerController, "call">,
    private readonly machine: string,
    purpose: string,
    private readonly onProgress: (text: string) => void,
  ) {
    this.why = `${purpose} by ${userInfo().username} on ${hostname()} (process ${process.pid})`;
  }

  /** Where the controller cannot be asked, that is said, and whatever it was for goes on. */
  async begin(): Promise<void> {
    if (!(await this.ask("hold", [`--for=${LENGTH}s`]))) return;
    this.timer = setInterval(() => void this.ask("hold", [`--for=${LENGTH}s`]), RENEW * 1000);
  }

  async end(): Promise<void> {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    await this.ask("release", []);
  }

  private async ask(verb: "hold" | "release", args: readonly string[]): Promise<boolean> {
    try {
      await this.controller.call(verb, [this.machine, ...args, `--why=${this.why}`], resultSchema);
      return true;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.onProgress(`${this.machine} is not held awake: ${error.message}\n`);
      return false;
    }
  }
}
