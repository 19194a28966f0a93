import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { WAKE_CARDS } from "../../../components/power/wake-cards";
import { lanInterface } from "../../../components/shared/addresses";
import { answers } from "../../../components/remote/look-by-ssh";
import { quote } from "../../kit/controller/power-controller";
import type { SpinStep } from "../../kit/controller/rows";
import type { Operator } from "../../kit/ssh/operator";
import type { SpinMachine } from "../../kit/spin-order";

/** ssh's own failure: here, the machine going down under the connection. */
const SSH_FAILED = 255;

/** How long a machine may take to end its services, in milliseconds: the kubelet waits for its pods. */
const PATIENCE = 300_000;

/** The script that switches a machine off. */
export function renderPowerOff(machine: Pick<SpinMachine, "nic" | "mac" | "address">): string {
  const script = readFileSync(join(__dirname, "files/power-off.sh"), "utf8");
  return `cards() (\n${WAKE_CARDS})\nset -- ${quote(lanInterface(machine))} ${quote(machine.mac ?? "")}\n${script}`;
}

/** Switches off a machine that never sleeps, and waits until its SSH is silent. */
export async function powerOff(
  operator: Pick<Operator, "run">,
  machine: SpinMachine,
): Promise<SpinStep> {
  const { name } = machine;
  const command = "sudo -n sh -eus";
  const { code, stdout, stderr } = await operator.run(machine, {
    ...{ command, input: renderPowerOff(machine) },
  });
  const told = stdout.includes("armed");
  if (code !== 0 && !(code === SSH_FAILED && told)) {
    return { machine: name, done: false, why: [stderr.trim() || `code ${code}`] };
  }
  const deadline = performance.now() + PATIENCE;
  while (await answers(machine, 2000)) {
    if (performance.now() > deadline) {
      return {
        machine: name,
        done: false,
        why: ["it still answers after the command to power off"],
      };
    }
    await pause(1000);
  }
  const armed = !stdout.includes("not armed");
  const why = armed
    ? []
    : [
        `${machine.nic ?? "its NIC"} does not support Wake-on-LAN: switch it on with its power button`,
      ];
  return { machine: name, done: true, why };
}
