import * as pulumi from "@pulumi/pulumi";
import { installAgent } from "../remote/agent/install-agent";
import { retireStep } from "../remote/agent/steps";
import { whenKnown } from "../remote/left-out";
import type { LanConfig } from "../remote/config";
import type { RemoteAccess } from "../remote/machine";
import { RemoteStep } from "../remote/remote-step";
import type { PowerConfig } from "./config";
import { isSleeper, METRICS, ROLE, type PowerMachine, type Sleeper } from "./names";
import { PowerAccount } from "./power-account";
import { agentStep, controllerStep, credentialsStep, type Credentials } from "./steps";
import type { SleepingApp } from "./types";
import { listSecrets } from "./ways/ways";

export interface PowerArgs {
  config: PowerConfig;
  lan: LanConfig;
  /** All machines of the cluster; those that sleep get an agent. */
  machines: readonly PowerMachine[];
  /** The control plane that runs the controller; it is always on. */
  controller: PowerMachine;
  access: RemoteAccess;
  /** Machines that may have been the controller, and lose what they still have of it. */
  retired?: readonly PowerMachine[];
  /** Names the token of the account: a new one, where another machine is the controller. Absent: the first one ever. */
  token?: string | undefined;
  /** The API server's URL. */
  endpoint: pulumi.Input<string>;
  apiServerPort: number;
  /** Apps that sleep with their machine; see types.ts. */
  apps: readonly SleepingApp[];
  /** The secret of that name, where it is set. */
  secrets: (name: string | undefined) => pulumi.Output<string> | undefined;
}

/**
 * Machines that sleep when they have nothing to do and wake when there is something: a controller on the
 * always-on control plane, an agent on each machine that sleeps.
 */
export class Power extends pulumi.ComponentResource {
  /** Name of the machine that runs the controller. */
  readonly controller: pulumi.Output<string>;
  /** Names of the machines that sleep. */
  readonly sleepers: pulumi.Output<string[]>;

  constructor(name: string, args: PowerArgs, opts: pulumi.ComponentResourceOptions) {
    super("vmstation:power:Power", name, {}, opts);
    const { controller, access } = args;
    const sleepers = args.machines.filter(isSleeper);
    const credentials = this.openAccount(name, args, sleepers);
    const programs = this.installController(name, args, sleepers, credentials);
    for (const machine of sleepers) {
      const step = agentStep(machine, args.config, args.apiServerPort);
      const from = { address: controller.address, printed: programs.stdout };
      installAgent(name, { role: ROLE, machine, access, step, controller: from }, this);
    }
    for (const machine of args.retired ?? []) {
      new RemoteStep(
        `${name}-retired-${machine.name}`,
        { machine, access, step: retireStep(ROLE, ["power-credentials", "power"], [METRICS]) },
        { parent: this },
      );
    }
    this.controller = pulumi.output(controller.name);
    this.sleepers = pulumi.output(sleepers.map((sleeper) => sleeper.name));
    this.registerOutputs({ controller: this.controller, sleepers: this.sleepers });
  }

  /** Its timer checks the machines at once, and then not for a while: so what it needs comes first. */
  private installController(
    name: string,
    args: PowerArgs,
    sleepers: readonly Sleeper[],
    credentials: RemoteStep,
  ): RemoteStep {
    const step = controllerStep({
      config: args.config,
      lan: args.lan,
      sleepers,
      apps: args.apps,
      hasSecret: (secret) => args.secrets(secret) !== undefined,
    });
    const { controller, access } = args;
    return new RemoteStep(
      `${name}-controller-${controller.name}`,
      { machine: controller, access, step },
      {
        parent: this,
        dependsOn: [credentials],
        aliases: wasOnFirst(args) ? [{ name: `${name}-controller` }] : [],
      },
    );
  }

  private openAccount(name: string, args: PowerArgs, sleepers: readonly Sleeper[]): RemoteStep {
    const { endpoint, apps, controller, token } = args;
    const account = new PowerAccount(
      `${name}-account`,
      { endpoint, sleepers, apps, token },
      { parent: this },
    );
    return new RemoteStep(
      `${name}-credentials-${controller.name}`,
      {
        machine: controller,
        access: args.access,
        step: collectCredentials(account.kubeconfig, args, sleepers).apply(
          ({ kubeconfig, ...others }) =>
            whenKnown(kubeconfig, (text) => credentialsStep({ ...others, kubeconfig: text })),
        ),
      },
      // Its name did not end in the machine's at first.
      { parent: this, aliases: [{ name: `${name}-credentials` }] },
    );
  }
}

/**
 * Whether the resource `power-controller` of a stack that was made before its name held the machine's is this one: it
 * was always on the first control plane. Where it is another, that one goes, and takes its controller with it.
 */
function wasOnFirst({ machines, controller }: PowerArgs): boolean {
  const planes = machines.filter(({ roles }) => roles.includes("control-plane"));
  return planes.every(({ name }) => name >= controller.name);
}

/** The secrets that are set; a secret as a whole. */
function collectCredentials(
  kubeconfig: pulumi.Output<string | undefined>,
  { apps, secrets }: PowerArgs,
  sleepers: readonly Sleeper[],
): pulumi.Output<Omit<Credentials, "kubeconfig"> & { kubeconfig: string | undefined }> {
  const wakeSecrets: Record<string, pulumi.Output<string>> = {};
  for (const { name, file } of listSecrets(sleepers)) {
    const secret = secrets(name);
    if (secret !== undefined) wakeSecrets[file] = secret;
  }
  const appKeys: Record<string, pulumi.Output<string>> = {};
  for (const { app, probe } of apps) {
    const key = secrets(probe?.secret);
    if (key !== undefined) appKeys[app] = key;
  }
  return pulumi.secret(
    pulumi
      .all([kubeconfig, pulumi.all(wakeSecrets), pulumi.all(appKeys)])
      .apply(([config, found, keys]) => ({
        kubeconfig: config,
        wakeSecrets: found,
        appKeys: keys,
      })),
  );
}
