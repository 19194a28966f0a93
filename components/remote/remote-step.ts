import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { renderConnection, type RemoteAccess, type RemoteMachine } from "./machine";
import { RUN, renderStdin } from "./render-stdin";
import type { Work } from "./step";

export interface RemoteStepArgs {
  machine: RemoteMachine;
  access: RemoteAccess;
  /** What to do; an Output where it holds a secret or what an earlier resource found. */
  step: pulumi.Input<Work>;
  /** What removing the resource does: take back what it put there (default), or leave the machine alone. */
  onDelete?: "remove" | "keep";
  /** Whether what it prints is a secret, kept encrypted and out of every log. */
  secretOutput?: boolean;
}

/**
 * One step, or a group of them, on one machine over SSH. The command text never varies; the script, its data among
 * it, arrives by standard input, where `pulumi preview --diff` shows what changes. Where that holds a secret the state
 * has nothing readable of the machine: such a resource's name ends in the machine's, by which `vmstation forget` finds
 * it.
 */
export class RemoteStep extends remote.Command {
  constructor(name: string, args: RemoteStepArgs, opts: pulumi.CustomResourceOptions) {
    const context = {
      machine: args.machine.name,
      lockSeconds: args.access.settings.lockTimeout,
    };
    super(
      name,
      {
        connection: renderConnection(args.machine, args.access),
        create: `${RUN} apply`,
        update: `${RUN} apply`,
        ...(args.onDelete === "keep" ? {} : { delete: `${RUN} remove` }),
        stdin: pulumi.output(args.step).apply((step) => renderStdin(step, context)),
        addPreviousOutputInEnv: false,
        logging: args.secretOutput === true ? "none" : "stderr",
      },
      {
        ...opts,
        ...bindHooks(args),
        // An offline machine keeps its inputs, even if the configuration has changed.
        ...(args.machine.offline ? { ignoreChanges: ["*"] } : {}),
        ...(args.secretOutput === true ? { additionalSecretOutputs: ["stdout", "stderr"] } : {}),
      },
    );
  }
}

/** A machine is not woken for a removal that does nothing there. */
function bindHooks({ access, onDelete }: RemoteStepArgs): Pick<pulumi.ResourceOptions, "hooks"> {
  if (access.hooks === undefined) return {};
  const { beforeDelete = [], ...others } = access.hooks;
  return { hooks: onDelete === "keep" ? others : { ...others, beforeDelete } };
}
