import { completeCommands, renderCommand } from "../../kit/advice";
import type { ClusterArgs } from "../../../components/bootstrap/args";
import { RUN, renderStdin } from "../../../components/remote/render-stdin";
import type { Step } from "../../../components/remote/step";
import { clusterArgs, methodOfSite, notOf } from "../../kit/cluster-args";
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
    onError: (chunk) => {
      const said = Buffer.from(chunk).toString("utf8");
      process.stderr.write(completeCommands(said, { stack: operator.stack }));
    },
  });
  if (code !== 0)
    throw new UserError(
      `The reset failed on ${machine.name}. Its own message is above.`,
      EXIT.fail,
    );
}

/** Has the whole installation run again over the cluster as it is. */
export async function runAgain(operator: Operator): Promise<void> {
  const { site, first } = operator;
  const method = methodOfSite(site);
  const step = method.reset.again?.(clusterArgs(site));
  if (step === undefined) {
    throw notOf(
      method,
      "playbooks",
      `To run again what differs: ${renderCommand({ stack: operator.stack }, "drift", "--fix")}`,
    );
  }
  await runStepOn(operator, first, step, "apply");
}

/** Where a cluster is taken away machine by machine: the control plane that the others joined last. */
export function orderOf(args: ClusterArgs, first: string): string[] {
  const names = args.machines.filter((m) => !m.offline).map((m) => m.name);
  return [...names.filter((name) => name !== first).sort(), first];
}

/** Wipes the cluster from every machine that is not offline. */
export async function wipe(operator: Operator, args: ClusterArgs): Promise<void> {
  const { first, site } = operator;
  const { wipe: how } = methodOfSite(site).reset;
  if (how.on === "controller") {
    await runStepOn(operator, first, how.step(args), "apply");
    return;
  }
  for (const name of orderOf(args, first.name)) {
    await runStepOn(operator, operator.machine(name), how.step(args), "remove");
  }
}

/** Removes what the first control plane keeps of the method; `pulumi destroy` leaves that alone, as it is needed for a wipe. */
export async function clearController(operator: Operator, args: ClusterArgs): Promise<void> {
  for (const step of methodOfSite(operator.site).reset.leftovers?.(args) ?? []) {
    await runStepOn(operator, operator.first, step, "remove");
  }
}
