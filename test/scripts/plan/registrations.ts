import type { Plan } from "../../../scripts/engine/plan";
import type { Registration } from "../../../scripts/engine/registration";
import { parseUrn } from "../../../scripts/engine/urn";

/** A registration for tests, of which only what matters there is given. */
export function registration(urn: string, given: Partial<Registration> = {}): Registration {
  return {
    urn,
    type: "test:index:Thing",
    name: urn,
    custom: true,
    parent: undefined,
    inputs: {},
    dependencies: [],
    propertyDependencies: {},
    protect: false,
    hooks: {},
    provider: undefined,
    additionalSecretOutputs: [],
    ignoreChanges: [],
    replaceOnChanges: [],
    deleteBeforeReplace: false,
    aliases: [],
    retainOnDelete: false,
    customTimeouts: { create: "", update: "", delete: "" },
    ...given,
  };
}

/** A registration whose type and name are those of its URN; without `custom`, a component. */
export function planned(urn: string, given: Partial<Registration> = {}): Registration {
  const { type, name } = parseUrn(urn);
  return registration(urn, { type, name, custom: !type.startsWith("vmstation:"), ...given });
}

export const BASE = "urn:pulumi:lab::vmstation::";
export const STACK = `${BASE}pulumi:pulumi:Stack::vmstation-lab`;

/** A component of a layer with one command in it, that needs the commands of others. */
export function component(layer: string, name: string, ...needed: string[]): Registration[] {
  const type = layer.includes(":") ? `vmstation:${layer}` : `vmstation:${layer}:Thing`;
  const urn = `${BASE}${type}::${name}`;
  const part = `${BASE}${type}$command:remote:Command::${name}-run`;
  return [planned(urn, { parent: STACK }), planned(part, { parent: urn, dependencies: needed })];
}

export function planOf(...resources: Registration[]): Plan {
  const stack = planned(STACK, { custom: false });
  return {
    stack: "lab",
    resources: [stack, ...resources],
    outputs: {},
    warnings: [],
    machines: [],
  };
}
