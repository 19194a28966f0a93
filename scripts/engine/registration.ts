import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { listAliases } from "./aliases";
import { type PropertyMap, unmarshalMap } from "./values";

export const HOOK_KINDS = [
  "beforeCreate",
  "afterCreate",
  "beforeUpdate",
  "afterUpdate",
  "beforeDelete",
  "afterDelete",
  "onError",
] as const;

export type HookKind = (typeof HOOK_KINDS)[number];

/** The names of the hooks bound to a resource; kinds without a hook are left out. */
export type HookBinding = Partial<Record<HookKind, string[]>>;

/** What the program said about one resource, secrets and unknowns included. */
export interface Registration {
  urn: string;
  type: string;
  name: string;
  /** False for a component, which only groups other resources. */
  custom: boolean;
  parent: string | undefined;
  /** URNs that it may have in a state of an earlier version. */
  aliases: string[];
  inputs: PropertyMap;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  protect: boolean;
  hooks: HookBinding;
  /** The explicit provider's URN; without one the engine would use the package's default provider. */
  provider: string | undefined;
  additionalSecretOutputs: string[];
  ignoreChanges: string[];
  replaceOnChanges: string[];
  deleteBeforeReplace: boolean;
  retainOnDelete: boolean;
  /** Go durations such as `5m30s`; empty where the program set none. */
  customTimeouts: { create: string; update: string; delete: string };
}

/** Reads the request. The engine passes `protect` and `retainOnDelete` on from a parent. */
export function parseRegistration(
  urn: string,
  request: RegisterResourceRequest,
  parent: Registration | undefined,
  of: { readonly stack: string; readonly project: string },
): Registration {
  const [type, name] = [request.getType(), request.getName()];
  const timeouts = request.getCustomtimeouts();
  return {
    urn,
    ...{ type, name },
    custom: request.getCustom(),
    parent: parent?.urn,
    aliases: listAliases(request.getAliasesList(), { type, name, parent, ...of }),
    inputs: parseInputs(request),
    dependencies: request.getDependenciesList(),
    propertyDependencies: parsePropertyDependencies(request),
    protect: request.getProtect() ?? parent?.protect ?? false,
    hooks: parseHooks(request.getHooks()),
    provider: parseProvider(request.getProvider()),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    retainOnDelete: request.getRetainondelete() ?? parent?.retainOnDelete ?? false,
    customTimeouts: {
      create: timeouts?.getCreate() ?? "",
      update: timeouts?.getUpdate() ?? "",
      delete: timeouts?.getDelete() ?? "",
    },
  };
}

/** The engine adds a provider's plug-in version to its inputs. */
function parseInputs(request: RegisterResourceRequest): PropertyMap {
  const inputs = unmarshalMap(request.getObject()?.toJavaScript() ?? {});
  const version = request.getVersion();
  return isProviderType(request.getType()) && version !== "" ? { ...inputs, version } : inputs;
}

export function isProviderType(type: string): boolean {
  return type.startsWith("pulumi:providers:");
}

function parsePropertyDependencies(request: RegisterResourceRequest): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((dependencies, property) => {
    result[property] = dependencies.getUrnsList();
  });
  return result;
}

/** A provider reference is `URN::ID`. */
function parseProvider(reference: string): string | undefined {
  return reference === "" ? undefined : reference.slice(0, reference.lastIndexOf("::"));
}

function parseHooks(binding: RegisterResourceRequest.ResourceHooksBinding | undefined) {
  if (binding === undefined) return {};
  const all: Record<HookKind, string[]> = {
    beforeCreate: binding.getBeforeCreateList(),
    afterCreate: binding.getAfterCreateList(),
    beforeUpdate: binding.getBeforeUpdateList(),
    afterUpdate: binding.getAfterUpdateList(),
    beforeDelete: binding.getBeforeDeleteList(),
    afterDelete: binding.getAfterDeleteList(),
    onError: binding.getOnErrorList(),
  };
  const hooks: HookBinding = {};
  for (const kind of HOOK_KINDS) if (all[kind].length > 0) hooks[kind] = all[kind];
  return hooks;
}
