import * as path from "node:path";
import type { ClusterArgs } from "../../../components/bootstrap/args";
import {
  controllerStep,
  inventoryStep,
  leftoversOf,
  resetStep,
  runStep,
} from "../../../components/bootstrap/kubespray/steps";
import { RUN, renderStdin } from "../../../components/remote/render-stdin";
import { readScript, type Step } from "../../../components/remote/step";
import { kubesprayArgs } from "../../kit/cluster-args";
import type { Operator } from "../../kit/ssh/operator";
import { EXIT, UserError } from "../../kit/user-error";

type SiteMachine = Operator["controller"];

/** Runs a step on a machine, with what it says passed on. */
async function runStepOn(
  operator: Operator,
  machine: SiteMachine,
  step: Step,
  verb: "apply" | "remove",
): Promise<void> {
  const { lockTimeout } = operator.site.config.remote;
  const { code } = await operator.run(machine, {
    command: `${RUN} ${verb}`,
    input: renderStdin(step, { machine: machine.name, lockSeconds: lockTimeout }),
    onError: (chunk) => process.stderr.write(chunk),
  });
  if (code !== 0) throw new UserError(`${machine.name}: the reset stopped there.`, EXIT.fail);
}

/** Has the whole playbook run again over the cluster as it is. */
export async function runAgain(operator: Operator): Promise<void> {
  const args = kubesprayArgs(operator.site, "`vmstation drift --fix` runs again what differs.");
  await runStepOn(operator, operator.controller, resetStep(args, "soft"), "apply");
}

/** kubeadm and RKE2 are taken away machine by machine, the control plane that the others joined last. */
export function orderOf(args: ClusterArgs, controller: string): string[] {
  const names = args.machines.filter((m) => !m.offline).map((m) => m.name);
  return [...names.filter((name) => name !== controller).sort(), controller];
}

/** The step that takes one machine out of a cluster by kubeadm or RKE2. */
export function machineReset(method: "kubeadm" | "rke2"): Step {
  return {
    name: "bootstrap-reset",
    script: readScript(path.join(__dirname, "../../../components/bootstrap"), "files/reset.sh"),
    libraries: [],
    settings: { METHOD: method },
  };
}

/** Wipes the cluster from every machine that is not offline. */
export async function wipe(operator: Operator, args: ClusterArgs): Promise<void> {
  const { controller, site } = operator;
  const { method } = args.config;
  if (method === "kubespray") {
    const step = resetStep(kubesprayArgs(site, ""), "hard");
    await runStepOn(operator, controller, step, "apply");
    return;
  }
  for (const name of orderOf(args, controller.name)) {
    await runStepOn(operator, operator.machine(name), machineReset(method), "remove");
  }
}

/** Removes what the controller keeps for Kubespray; `pulumi destroy` leaves that alone, as it is needed for a wipe. */
export async function clearController(operator: Operator, args: ClusterArgs): Promise<void> {
  if (args.config.method !== "kubespray") return;
  const kubespray = kubesprayArgs(operator.site, "");
  for (const step of [
    inventoryStep(kubespray),
    runStep(kubespray),
    leftoversOf(controllerStep(kubespray)),
  ])
    await runStepOn(operator, operator.controller, step, "remove");
}
