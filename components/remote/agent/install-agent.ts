import type * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../left-out";
import type { RemoteAccess, RemoteMachine } from "../machine";
import { RemoteStep } from "../remote-step";
import type { Step } from "../step";
import type { AgentRole } from "./role";
import { trustStep } from "./steps";

export interface AgentArgs {
  role: AgentRole;
  machine: RemoteMachine;
  access: RemoteAccess;
  /** See agentStep. */
  step: Step;
  controller: {
    /** The only address that the key is accepted from. */
    readonly address: string;
    /** What the controller's step printed, its public key at the end. */
    readonly printed: pulumi.Output<string>;
  };
}

/**
 * The agent on one machine, and then the controller's key. The agent's step is known in every preview; only what holds
 * the key is not.
 */
export function installAgent(
  name: string,
  { role, machine, access, step, controller }: AgentArgs,
  parent: pulumi.Resource,
): void {
  const agent = new RemoteStep(
    `${name}-agent-${machine.name}`,
    { machine, access, step },
    { parent },
  );
  const trust = controller.printed.apply((printed) =>
    whenKnown(printed, (key) => trustStep(role, key, controller.address)),
  );
  new RemoteStep(
    `${name}-trust-${machine.name}`,
    { machine, access, step: trust },
    { parent, dependsOn: [agent] },
  );
}
