import { containsUnknown } from "./inspect";
import type { Registrar, RegistrarContext, RegistrarResult } from "./registrar";
import { isProviderType, type Registration } from "./registration";
import { type PropertyMap, Secret, UNKNOWN } from "./values";

/**
 * Answers as `pulumi preview` does for a stack that has no state yet: every resource would be
 * created, its id is unknown, its outputs are its inputs, and the SDK takes any other as unknown.
 */
export class PreviewRegistrar implements Registrar {
  private readonly unconfigured = new Set<string>();

  async register(registration: Registration, context: RegistrarContext): Promise<RegistrarResult> {
    const { urn, type, inputs } = registration;
    if (isProviderType(type) && containsUnknown(inputs)) this.unconfigured.add(urn);
    await context.runHooks(registration, "beforeCreate", { newInputs: inputs });
    const outputs = this.outputs(registration);
    await context.runHooks(registration, "afterCreate", { newInputs: inputs, newOutputs: outputs });
    return { id: undefined, outputs };
  }

  /** What an earlier update left in the state: nothing. */
  invoke(token: string): Promise<PropertyMap> {
    if (token !== "pulumi:pulumi:readStackOutputs")
      throw new Error(`without the Pulumi engine and its providers, nobody answers ${token}`);
    return Promise.resolve({ outputs: {} });
  }

  /** The engine asks nothing of a provider whose own configuration is unknown, and knows nothing. */
  private outputs({ provider, inputs, additionalSecretOutputs }: Registration): PropertyMap {
    if (provider !== undefined && this.unconfigured.has(provider)) return {};
    const unmarked = additionalSecretOutputs.filter((name) => !(inputs[name] instanceof Secret));
    if (unmarked.length === 0) return inputs;
    const marked = unmarked.map((name) => [name, new Secret(inputs[name] ?? UNKNOWN)] as const);
    return { ...inputs, ...Object.fromEntries(marked) };
  }
}
