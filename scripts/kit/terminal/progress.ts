import { cut, renderDuration } from "./duration";
import { printable } from "./printable";
import { Screen, type Watched } from "./screen";

/** What is being done on one machine. */
interface Doing {
  readonly state: string;
  readonly next: string;
  /** Milliseconds, by the clock of `now`. */
  readonly since: number;
  readonly ended?: number;
}

/** Milliseconds between two drawings: the seconds are seen to pass. */
const INTERVAL = 1000;

/**
 * A line for each machine on a terminal: what is being done there, for how long, what comes next. Where nobody watches
 * only what is said is written.
 */
export class Progress {
  private readonly machines = new Map<string, Doing>();
  private readonly screen: Screen;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: Watched,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.screen = new Screen(stream, process.env);
  }

  /** What is done on a machine now; its clock runs from the first call. */
  set(machine: string, state: string, next = ""): void {
    const since = this.machines.get(machine)?.since ?? this.now();
    this.machines.set(machine, { state, next, since });
    this.draw();
  }

  /** Nothing more is done on the machine: its clock stops. */
  done(machine: string, state = "done"): void {
    const { since = this.now() } = this.machines.get(machine) ?? {};
    this.machines.set(machine, { state, next: "", since, ended: this.now() });
    this.draw();
  }

  /** Text that stays, above the lines of the machines. */
  say(text: string): void {
    if (this.screen.isLive && this.machines.size > 0) {
      this.screen.draw(text.replace(/\n$/, "").split("\n"), this.render());
    } else this.stream.write(text);
  }

  /** Takes the lines away, for what is printed next. */
  clear(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.machines.clear();
    this.screen.draw([], []);
  }

  private draw(): void {
    if (!this.screen.isLive) return;
    this.timer ??= setInterval(() => {
      this.screen.draw([], this.render());
    }, INTERVAL).unref();
    this.screen.draw([], this.render());
  }

  private render(): string[] {
    const width = Math.max(...[...this.machines.keys()].map((name) => name.length));
    const room = Math.max(this.screen.height - 2, 1);
    const lines = [...this.machines].map(([name, { state, next, since, ended }]) => {
      const time = renderDuration(((ended ?? this.now()) - since) / 1000);
      const more = next === "" ? "" : `; next: ${next}`;
      return cut(printable(`${name.padEnd(width)}  ${state}, ${time}${more}`), this.screen.width);
    });
    const left = lines.length - room;
    return left <= 0 ? lines : [...lines.slice(0, room - 1), `and ${left + 1} more machines`];
  }
}
