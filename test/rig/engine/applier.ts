import { randomBytes } from "node:crypto";
import { revealMap } from "../../../scripts/engine/inspect";
import { prerequisites } from "../../../scripts/engine/order";
import type {
  Registrar,
  RegistrarContext,
  RegistrarResult,
  RunHooks,
} from "../../../scripts/engine/registrar";
import type { Registration } from "../../../scripts/engine/registration";
import { type PropertyMap, type PropertyValue, Secret } from "../../../scripts/engine/values";
import { VM_TYPE } from "../../../scripts/kit/proxmox/vm-name";
import { deletionWaves, heldByProtected, neededBy } from "./deletions";
import { effectiveInputs, findChange } from "./diff";
import { COMMAND_TYPE, type CommandOutput, type RemoteCommands } from "./remote-command";
import { kubeconfigOf, objectOf, releaseOf, type Objects } from "./objects";
import { messageOf } from "./ssh-connection";
import { makeStandIn, type Made } from "./stand-ins";
import { registrationOf, type ResourceState, type StackState, stateOf } from "./state";

export type Operation =
  "create" | "update" | "replace" | "delete" | "same" | "fail" | "skip" | "retain";

/** What became of one resource. */
export interface Step {
  readonly operation: Operation;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Why it failed. */
  readonly error: string | undefined;
  readonly milliseconds: number;
  /** By the process's own clock, performance.now(). */
  readonly ended: number;
}

export interface ApplierArgs {
  readonly state: StackState;
  readonly commands: RemoteCommands;
  /** Where objects of Kubernetes are made for real; without it they are only recorded. */
  readonly objects: Objects | undefined;
  /** Makes a virtual machine in the hypervisor's place; without it one is only recorded. */
  readonly onMachine?: ((inputs: unknown) => Promise<void>) | undefined;
  /** Whether to delete everything; the program then only lends its hooks. */
  readonly destroy: boolean;
  /** What is left alone where it answers no. */
  readonly target: (urn: string) => boolean;
}

/**
 * Does for real what the program describes, in the engine's and the providers' place: the engine's
 * steps with --continue-on-error, and of the providers only the remote command's, and the Kubernetes one's where there is
 * a cluster for it.
 *
 * Left out, as the program has no use for them: aliases, imports, refresh, targets, error hooks,
 * time-outs, and the deletion of dependents where a resource is deleted before it is replaced.
 */
export class Applier implements Registrar {
  readonly steps: Step[] = [];
  private readonly seen = new Set<string>();
  private readonly failed = new Set<string>();
  private readonly skipped = new Set<string>();
  private readonly replaced: ResourceState[] = [];

  constructor(private readonly args: ApplierArgs) {}

  /** Whether a resource could not be made as described, so that what needs it is left alone. */
  private isMissing(urn: string): boolean {
    return this.failed.has(urn) || this.skipped.has(urn);
  }

  async register(
    registration: Registration,
    { runHooks, registrations }: RegistrarContext,
  ): Promise<RegistrarResult> {
    const { urn } = registration;
    const old = this.args.state.get(urn);
    if (this.args.destroy) return this.leave(registration, old);
    this.seen.add(urn);
    if (!this.args.target(urn)) return this.leave(registration, old);
    if (this.needsMissing(registration, registrations)) {
      this.record("skip", registration, 0);
      return this.leave(registration, old, true);
    }
    const start = performance.now();
    try {
      const { operation, state } = await this.apply(registration, old, runHooks);
      this.record(operation, registration, performance.now() - start);
      return { id: state.id, outputs: state.outputs };
    } catch (error) {
      this.failed.add(urn);
      this.record("fail", registration, performance.now() - start, messageOf(error));
      return { id: old?.id, outputs: {}, failed: true };
    }
  }

  /** As the engine: of what failed or was skipped the program learns nothing, not even what an earlier update has found. */
  private leave(
    { urn }: Registration,
    old: ResourceState | undefined,
    isMissing = old === undefined,
  ): RegistrarResult {
    if (isMissing) this.skipped.add(urn);
    return { id: old?.id, outputs: isMissing ? {} : (old?.outputs ?? {}), failed: isMissing };
  }

  /** Deletes what was replaced and what the program describes no more, dependents first. */
  async finish({ runHooks }: RegistrarContext): Promise<void> {
    const held = this.args.destroy ? heldByProtected(this.args.state) : new Set<string>();
    const gone = this.args.state.all().filter(({ urn }) => !this.seen.has(urn) && !held.has(urn));
    const kept = this.neededByFailed();
    for (const state of this.replaced) await this.tryDelete(state, runHooks, false);
    for (const wave of deletionWaves(gone)) {
      const ready = wave.filter(({ urn }) => !kept.has(urn));
      await Promise.all(ready.map((state) => this.tryDelete(state, runHooks, true)));
      for (const urn of this.neededByFailed()) kept.add(urn);
    }
  }

  private async apply(
    registration: Registration,
    old: ResourceState | undefined,
    runHooks: RunHooks,
  ): Promise<{ operation: Operation; state: ResourceState }> {
    const inputs = effectiveInputs(registration, old);
    if (old === undefined) {
      return { operation: "create", state: await this.create(registration, inputs, runHooks) };
    }
    const change = findChange(old, inputs, registration);
    if (change === "replace") {
      return { operation: change, state: await this.replace(registration, old, inputs, runHooks) };
    }
    if (change === "update") {
      return { operation: change, state: await this.update(registration, old, inputs, runHooks) };
    }
    const state = stateOf(registration, old.id, inputs, old.outputs);
    this.args.state.set(state);
    return { operation: change, state };
  }

  private async create(
    registration: Registration,
    newInputs: PropertyMap,
    runHooks: RunHooks,
  ): Promise<ResourceState> {
    // The hook of a virtual machine asks Proxmox, which is not there.
    if (registration.type !== VM_TYPE) await runHooks(registration, "beforeCreate", { newInputs });
    const { id, outputs } = await this.make(registration, newInputs);
    const newOutputs = withSecrets(outputs, registration);
    const state = stateOf(registration, id, newInputs, newOutputs);
    this.args.state.set(state);
    await runHooks(registration, "afterCreate", { id, newInputs, newOutputs });
    return state;
  }

  private async make(registration: Registration, inputs: PropertyMap): Promise<Made> {
    const { type, name } = registration;
    if (type !== COMMAND_TYPE) {
      const made = makeStandIn(type, name, inputs);
      if (type === VM_TYPE) await this.args.onMachine?.(revealMap(inputs));
      return {
        ...made,
        outputs: { ...made.outputs, ...(await this.applyObject(registration, inputs)) },
      };
    }
    const { stdout, stderr } = await this.args.commands.create(inputs);
    const id = name + randomBytes(4).toString("hex");
    return { id, outputs: { ...inputs, stdout, stderr } };
  }

  /** What the cluster says of an object that was made for real. */
  private async applyObject(registration: Registration, inputs: PropertyMap): Promise<PropertyMap> {
    const { objects } = this.args;
    if (objects === undefined) return {};
    const kubeconfig = kubeconfigOf(registration.type, inputs);
    if (kubeconfig !== undefined) await objects.connect(kubeconfig);
    const release = releaseOf(registration.type, inputs);
    if (release !== undefined) await objects.install?.(release);
    const object = objectOf(registration, inputs);
    return object === undefined ? {} : objects.apply(object);
  }

  private async update(
    registration: Registration,
    old: ResourceState,
    newInputs: PropertyMap,
    runHooks: RunHooks,
  ): Promise<ResourceState> {
    const { id, inputs: oldInputs, outputs: oldOutputs } = old;
    await runHooks(registration, "beforeUpdate", { id, newInputs, oldInputs, oldOutputs });
    const changes =
      registration.type === COMMAND_TYPE
        ? { ...(await this.args.commands.update(newInputs, outputOf(old))) }
        : await this.applyObject(registration, newInputs);
    const extra = registration.type === COMMAND_TYPE ? {} : oldOutputs;
    const newOutputs = withSecrets({ ...extra, ...newInputs, ...changes }, registration);
    const state = stateOf(registration, id, newInputs, newOutputs);
    this.args.state.set(state);
    const hookState = { id, newInputs, oldInputs, newOutputs, oldOutputs };
    await runHooks(registration, "afterUpdate", hookState);
    return state;
  }

  /** The new one comes first and the old one goes at the end, unless the options say otherwise. */
  private async replace(
    registration: Registration,
    old: ResourceState,
    inputs: PropertyMap,
    runHooks: RunHooks,
  ): Promise<ResourceState> {
    if (registration.deleteBeforeReplace) await this.delete(old, runHooks, true);
    const state = await this.create(registration, inputs, runHooks);
    if (!registration.deleteBeforeReplace) this.replaced.push(old);
    return state;
  }

  private async tryDelete(
    state: ResourceState,
    runHooks: RunHooks,
    forget: boolean,
  ): Promise<void> {
    const start = performance.now();
    try {
      await this.delete(state, runHooks, forget);
      const operation = state.retainOnDelete ? "retain" : "delete";
      this.record(operation, state, performance.now() - start);
    } catch (error) {
      this.failed.add(state.urn);
      this.record("fail", state, performance.now() - start, messageOf(error));
    }
  }

  private async delete(state: ResourceState, runHooks: RunHooks, forget: boolean): Promise<void> {
    const { id, inputs: oldInputs, outputs: oldOutputs } = state;
    if (state.protect) throw new Error(`${state.urn} is protected`);
    const registration = registrationOf(state);
    if (!state.retainOnDelete) {
      await runHooks(registration, "beforeDelete", { id, oldInputs, oldOutputs });
      if (state.type === COMMAND_TYPE) await this.args.commands.delete(oldInputs, outputOf(state));
      const object = objectOf(state, oldInputs);
      if (object !== undefined) await this.args.objects?.delete(object);
    }
    if (forget) this.args.state.delete(state.urn);
    if (!state.retainOnDelete)
      await runHooks(registration, "afterDelete", { id, oldInputs, oldOutputs });
  }

  /** A component's own needs are its children's, by way of their parent. */
  private needsMissing(
    registration: Registration,
    registrations: RegistrarContext["registrations"],
  ): boolean {
    return [...prerequisites(registration)].some((urn) => {
      if (this.isMissing(urn)) return true;
      const needed = registrations.get(urn);
      return needed?.custom === false && this.needsMissing(needed, registrations);
    });
  }

  /** What failed resources need, according to the state, is not deleted under them. */
  private neededByFailed(): Set<string> {
    return neededBy(this.failed, this.args.state);
  }

  private record(
    operation: Operation,
    { urn, type, name }: { urn: string; type: string; name: string },
    milliseconds: number,
    error?: string,
  ): void {
    this.steps.push({ operation, urn, type, name, error, milliseconds, ended: performance.now() });
  }
}

function outputOf({ outputs }: ResourceState): CommandOutput {
  return { stdout: textOf(outputs.stdout), stderr: textOf(outputs.stderr) };
}

function textOf(value: PropertyValue | undefined): string {
  if (value instanceof Secret) return textOf(value.value);
  return typeof value === "string" ? value : "";
}

function withSecrets(outputs: PropertyMap, registration: Registration): PropertyMap {
  const result = { ...outputs };
  for (const name of registration.additionalSecretOutputs) {
    const value = result[name];
    if (value !== undefined && !(value instanceof Secret)) result[name] = new Secret(value);
  }
  return result;
}
