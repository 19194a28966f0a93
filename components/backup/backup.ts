import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { installAgent } from "../remote/agent/install-agent";
import { whenKnown } from "../remote/left-out";
import { retireStep } from "../remote/agent/steps";
import type { RemoteAccess, RemoteMachine } from "../remote/machine";
import { RemoteStep } from "../remote/remote-step";
import { METRICS, ROLE } from "./names";
import { listItems, type SettingsInput } from "./render-settings";
import { agentStep, controllerStep, passwordStep } from "./steps";
import type { BackupMachine } from "./types";

export interface BackupArgs extends SettingsInput {
  access: RemoteAccess;
  /** Machines that may have been the controller, and lose what they still have of it. The repositories stay. */
  retired?: readonly RemoteMachine[];
  /** Names of those that are dead. They get their agents once they are back. */
  dead?: readonly string[];
}

/**
 * Backups of etcd, monitoring and the apps by timers on the controller, into encrypted restic repositories there.
 * What lies on another machine is fetched over SSH by a key that can do nothing else.
 */
export class Backup extends pulumi.ComponentResource {
  /** Opens the repositories; anybody who has lost it has lost them. */
  readonly password: pulumi.Output<string>;

  constructor(name: string, args: BackupArgs, opts: pulumi.ComponentResourceOptions) {
    super("vmstation:backup:Backup", name, {}, opts);
    const password = pulumi.secret(this.createPassword(name).result);
    const programs = this.installController(name, args, this.keepPassword(name, args, password));
    const agents = args.machines.filter((machine) => !args.dead?.includes(machine.name));
    for (const machine of agents) this.installAgent(name, args, machine, programs);
    for (const machine of args.retired ?? []) {
      new RemoteStep(
        `${name}-retired-${machine.name}`,
        {
          machine,
          access: args.access,
          step: retireStep(ROLE, ["backup-password", "backup"], [METRICS]),
        },
        { parent: this },
      );
    }
    this.password = password;
    this.registerOutputs({ password: this.password });
  }

  private createPassword(name: string): random.RandomPassword {
    return new random.RandomPassword(
      `${name}-password`,
      { length: 40, special: false },
      { parent: this },
    );
  }

  /** Its timers may be due at once: what a backup is encrypted with is there before them. */
  private installController(name: string, args: BackupArgs, password: RemoteStep): RemoteStep {
    return new RemoteStep(
      `${name}-controller-${args.controller.name}`,
      { machine: args.controller, access: args.access, step: controllerStep(args) },
      // An earlier version's name had no machine in it. With another controller the old resource is removed.
      { parent: this, dependsOn: [password], aliases: [{ name: `${name}-controller` }] },
    );
  }

  private keepPassword(
    name: string,
    { controller, access }: BackupArgs,
    password: pulumi.Output<string>,
  ): RemoteStep {
    return new RemoteStep(
      `${name}-password-${controller.name}`,
      {
        machine: controller,
        access,
        step: password.apply((known) => whenKnown(known, passwordStep)),
        onDelete: "keep",
      },
      { parent: this },
    );
  }

  private installAgent(
    name: string,
    args: BackupArgs,
    machine: BackupMachine,
    programs: RemoteStep,
  ): void {
    const items = listItems(args).filter((item) => item.machine?.name === machine.name);
    if (items.length === 0) return;
    const { access, controller } = args;
    const from = { address: controller.address, printed: programs.stdout };
    const step = agentStep(items);
    installAgent(name, { role: ROLE, machine, access, step, controller: from }, this);
  }
}
