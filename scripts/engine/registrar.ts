import type { HookKind, Registration } from "./registration";
import type { PropertyMap } from "./values";

/** What a hook is told about the resource; empty strings and maps where there is nothing to tell. */
export interface HookState {
  id?: string;
  newInputs?: PropertyMap;
  oldInputs?: PropertyMap;
  newOutputs?: PropertyMap;
  oldOutputs?: PropertyMap;
}

/** Runs the hooks that the program bound to a resource, in its own process; a failing one rejects. */
export type RunHooks = (
  registration: Registration,
  kind: HookKind,
  state: HookState,
) => Promise<void>;

export interface RegistrarContext {
  dryRun: boolean;
  runHooks: RunHooks;
  /** What the program has registered so far, by URN, components included. */
  registrations: ReadonlyMap<string, Registration>;
}

export interface RegistrarResult {
  /** Undefined while it is not known, as in a preview. */
  id: string | undefined;
  outputs: PropertyMap;
  /** It could not be made as described: the program goes on without it, as the engine does with --continue-on-error. */
  failed?: boolean;
}

/**
 * Answers a program in a provider's place. The monitor keeps the graph; the registrar decides what
 * a resource's id and outputs are: made up for a plan, real ones where a test applies the plan.
 */
export interface Registrar {
  /** Called once for each resource that is no component. A rejection fails the registration. */
  register(registration: Registration, context: RegistrarContext): Promise<RegistrarResult>;
  /** Answers a provider function; without it the program is told that nobody can. */
  invoke?(token: string, args: PropertyMap): Promise<PropertyMap>;
  /** Called when the program has ended well while its hooks can still be called, as for deletions. */
  finish?(context: RegistrarContext): Promise<void>;
}
