import { setTimeout as pause } from "node:timers/promises";
import type { Input } from "./command";
import { refuseOffline } from "../../kit/controller/machines";
import { PowerController } from "../../kit/controller/power-controller";
import { writeProgress } from "../../kit/controller/results";
import type { SpinStep } from "../../kit/controller/rows";
import type { ProxmoxApi } from "../../kit/proxmox/api";
import { openProxmox } from "../../kit/proxmox/open";
import { KeepAwake } from "../../kit/ssh/keep-awake";
import { Operator } from "../../kit/ssh/operator";
import { confirm } from "../../kit/terminal/confirm";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import { writeJson } from "../../kit/verb/document";
import { Nodes } from "./nodes";
import { type Intent, renderIntents, renderRestarted } from "./render";
import { against, isDrained, type Plan, restartMachine, type World } from "./restart-machine";

type Machine = ReturnType<Operator["machine"]>;

/** The firmware of a server takes minutes. */
const PATIENCE = 900;
/** Seconds that a virtual machine may take to shut down. */
const SHUTDOWN = 300;

/** `vmstation restart M…`: a drained restart, one machine after another; the first that fails ends it. */
export async function run({ args: [names], options }: Input): Promise<ExitCode> {
  const operator = Operator.open(options);
  try {
    const machines = names.map((name) => operator.machine(name));
    for (const machine of machines) refuseOffline(machine);
    const nodes = new Nodes(operator);
    const { stack } = operator;
    if (options.dryRun) {
      const seen = await nodes.look();
      const intents = machines.map((machine): Intent => {
        const plan = planOf(operator, machine);
        const by = machine.vm === undefined ? "systemd" : "Proxmox";
        const drained = isDrained(machine.name, seen);
        return { machine: machine.name, drained, by, why: against(plan, seen) };
      });
      if (options.json) writeJson({ version: 1, stack, dryRun: true, machines: intents });
      else process.stdout.write(renderIntents(intents));
      return intents.some(({ why }) => why.length > 0) ? EXIT.fail : EXIT.pass;
    }
    const question = `Restart ${names.join(", ")} of the stack ${stack}?`;
    if (!options.yes && !(await confirm({ text: question }))) return EXIT.fail;
    const proxmox = machines.some(({ vm }) => vm !== undefined)
      ? await openProxmox(operator, options.configFile)
      : undefined;
    const done: SpinStep[] = [];
    for (const machine of machines) {
      if (done.some((step) => !step.done)) break;
      const why = await keptAwake(operator, machine, () =>
        restartMachine(planOf(operator, machine), createWorld(operator, nodes, machine, proxmox)),
      );
      done.push({ machine: machine.name, done: why.length === 0, why });
    }
    if (options.json) writeJson({ version: 1, stack, dryRun: false, machines: done });
    else process.stdout.write(renderRestarted(done));
    return done.some((step) => !step.done) ? EXIT.fail : EXIT.pass;
  } finally {
    operator.close();
  }
}

function planOf({ site }: Operator, { name }: Machine): Plan {
  const etcd = site.machines.filter(({ roles }) => roles.includes("etcd")).map((each) => each.name);
  return { name, etcd, patience: PATIENCE };
}

/** A machine that sleeps is held awake meanwhile. */
async function keptAwake<T>(
  operator: Operator,
  machine: Machine,
  work: () => Promise<T>,
): Promise<T> {
  if (!machine.sleeps) return work();
  const controller = new PowerController(operator, writeProgress);
  const kept = new KeepAwake(controller, machine.name, "vmstation restart", writeProgress);
  await kept.begin();
  try {
    return await work();
  } finally {
    await kept.end();
  }
}

function createWorld(
  operator: Operator,
  nodes: Nodes,
  machine: Machine,
  proxmox: ProxmoxApi | undefined,
): World {
  return {
    look: () => nodes.look(),
    drain: (name) => nodes.drain(name),
    takeBack: (name) => nodes.takeBack(name),
    boot: async () => {
      const command = "cat /proc/sys/kernel/random/boot_id";
      const { code, stdout } = await operator.run(machine, { command, input: "" });
      return code === 0 ? stdout.trim() : undefined;
    },
    restart: () => restart(operator, machine, proxmox),
    pause: (milliseconds) => pause(milliseconds),
    now: () => performance.now() / 1000,
    onProgress: writeProgress,
  };
}

/** Inside a virtual machine a restart keeps its old processors and memory: Proxmox has to start it again. */
async function restart(
  operator: Operator,
  machine: Machine,
  proxmox: ProxmoxApi | undefined,
): Promise<void> {
  if (machine.vm !== undefined && proxmox !== undefined) {
    const { id } = machine.vm;
    const host = await proxmox.findHost(machine.name, id);
    const path = `/nodes/${host}/qemu/${id}/status/reboot`;
    const task = await proxmox.post(path, { timeout: String(SHUTDOWN) });
    await proxmox.finish(task, (milliseconds) => pause(milliseconds));
    return;
  }
  const { code, stderr } = await operator.run(machine, {
    command: "sudo -n systemctl --no-block reboot",
    input: "",
  });
  // It may go down under the connection.
  if (code !== 0 && code !== 255) throw new UserError(stderr.trim() || `code ${code}`);
}
