import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { prerequisites } from "../../../scripts/engine/order";
import { HOOK_KINDS, type Registration } from "../../../scripts/engine/registration";
import { marshalMap, unmarshalMap, type PropertyMap } from "../../../scripts/engine/values";

/** What is known of a resource that was created. */
export interface ResourceState {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  /** All that it needs: what it depends on, its parent, its provider. */
  readonly needs: readonly string[];
  readonly hooks: Registration["hooks"];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
}

const StateFile = z.strictObject({
  resources: z.array(
    z.strictObject({
      urn: z.string(),
      type: z.string(),
      name: z.string(),
      id: z.string(),
      inputs: z.record(z.string(), z.unknown()),
      outputs: z.record(z.string(), z.unknown()),
      needs: z.array(z.string()),
      hooks: z.partialRecord(z.enum(HOOK_KINDS), z.array(z.string())),
      protect: z.boolean(),
      retainOnDelete: z.boolean(),
    }),
  ),
});

/**
 * A stack's state in a JSON file that is written after every change. Its secrets are marked but not encrypted: they are
 * made for one run of the tests, and the file is in a folder of that run.
 */
export class StackState {
  private readonly resources = new Map<string, ResourceState>();

  constructor(private readonly file: string) {
    if (!existsSync(file)) return;
    const content = StateFile.parse(JSON.parse(readFileSync(file, "utf8")));
    for (const stored of content.resources) {
      const { inputs, outputs } = stored;
      this.resources.set(stored.urn, {
        ...stored,
        inputs: unmarshalMap(inputs),
        outputs: unmarshalMap(outputs),
      });
    }
  }

  get(urn: string): ResourceState | undefined {
    return this.resources.get(urn);
  }

  all(): ResourceState[] {
    return [...this.resources.values()];
  }

  set(state: ResourceState): void {
    this.resources.set(state.urn, state);
    this.save();
  }

  delete(urn: string): void {
    this.resources.delete(urn);
    this.save();
  }

  private save(): void {
    const resources = this.all().map((state) => ({
      ...state,
      inputs: marshalMap(state.inputs),
      outputs: marshalMap(state.outputs),
    }));
    const text = JSON.stringify({ resources }, null, 2);
    writeFileSync(`${this.file}.new`, text, { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}

/** The state of a resource once its provider has said what it has become. */
export function stateOf(
  registration: Registration,
  id: string,
  inputs: PropertyMap,
  outputs: PropertyMap,
): ResourceState {
  const { urn, type, name, hooks, protect, retainOnDelete } = registration;
  const needs = [...prerequisites(registration)].sort();
  return { urn, type, name, id, inputs, outputs, needs, hooks, protect, retainOnDelete };
}

/** A resource as its hooks know it, when the program no longer describes it. */
export function registrationOf(state: ResourceState): Registration {
  const { urn, type, name, inputs, needs, hooks, protect, retainOnDelete } = state;
  return {
    ...{ urn, type, name, inputs, hooks, protect, retainOnDelete },
    custom: true,
    parent: undefined,
    aliases: [],
    provider: undefined,
    dependencies: [...needs],
    propertyDependencies: {},
    additionalSecretOutputs: [],
    ignoreChanges: [],
    replaceOnChanges: [],
    deleteBeforeReplace: false,
    customTimeouts: { create: "", update: "", delete: "" },
  };
}
