import { completeCommands } from "../../kit/advice";
import { userInfo } from "node:os";
import { existingPolicy } from "../../../components/bootstrap/facts";
import type { PreflightSettings } from "../../../components/validation/render-preflight";
import { Progress } from "../../kit/terminal/progress";
import type { Input } from "./command";
import { Style } from "../../kit/terminal/style";
import { statusWords } from "../../kit/look/status-words";
import { writeJson } from "../../kit/verb/document";
import { look, type MachinePreflight } from "./look";
import { renderMachines, toExitCode } from "./render";
import { Operator } from "../../kit/ssh/operator";
import type { ExitCode } from "../../kit/user-error";
import { Waker } from "../../kit/wake/waker";

type SiteMachine = ReturnType<Operator["machine"]>;

/** `vmstation preflight [machine…]`: what `up` looks at before it changes anything, on all machines at once. */
export async function run({ args: [names], options }: Input): Promise<ExitCode> {
  const operator = Operator.open(options);
  const progress = new Progress(process.stderr);
  try {
    const machines = selectMachines(operator, names);
    const onProgress = (text: string): void => {
      progress.say(text);
    };
    const why = `vmstation preflight by ${userInfo().username}`;
    const waker = new Waker({ operator, why, wait: true, onProgress });
    const settings = renderSettings(operator);
    const found = await Promise.all(
      machines.map(async (machine) => {
        const { name } = machine;
        progress.set(name, "is looked at", options.wake ? "a wake, if it sleeps" : "");
        const first = await look(operator, machine, settings);
        const isWanted = first.status === "asleep" && options.wake;
        if (isWanted) progress.set(name, waker.describe(machine), "a second look");
        const last = isWanted ? await wakeAndLook(operator, machine, settings, waker) : first;
        progress.done(name, statusWords(last.status));
        return last;
      }),
    );
    progress.clear();
    show(operator.stack, found, options);
    return toExitCode(found);
  } finally {
    progress.clear();
    operator.close();
  }
}

/** The named machines; all of the stack where none is named. */
function selectMachines(operator: Operator, names: readonly string[]): readonly SiteMachine[] {
  return names.length === 0
    ? operator.site.machines
    : [...new Set(names)].map((name) => operator.machine(name));
}

function renderSettings({ site }: Operator): PreflightSettings {
  const { validation, bootstrap, node } = site.config;
  const existing = existingPolicy(bootstrap);
  // What goes onto a machine decides only when `up` looks again.
  return { config: validation.preflight, existing, modules: node.modules, digests: {} };
}

async function wakeAndLook(
  operator: Operator,
  machine: SiteMachine,
  settings: PreflightSettings,
  waker: Waker,
): Promise<MachinePreflight> {
  const woken = await waker.wake(machine);
  if (woken.done) return look(operator, machine, settings);
  const { name, address } = machine;
  const error = `it did not wake: ${woken.why.join("; ")}`;
  return { machine: name, address, status: "unreachable", error, findings: [], notes: [] };
}

function show(
  stack: string,
  machines: readonly MachinePreflight[],
  options: Input["options"],
): void {
  if (options.json) {
    writeJson({ version: 1, stack, exitCode: toExitCode(machines), machines });
  } else {
    const text = renderMachines(machines, Style.of(process.stdout, process.env));
    process.stdout.write(completeCommands(text, { stack, cwd: options.cwd }));
  }
}
