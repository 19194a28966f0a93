import assert from "node:assert/strict";
import { z } from "zod";
import { renderDocument, type PlannedResource } from "../../scripts/kit/plan/document";
import { plan } from "../../scripts/engine/plan";
import { HOMELAB_FILE } from "../support/homelab";
import type { EngineResource } from "./engine-document";
import type { EngineLab } from "./engine-lab";
import { openLab } from "./use-engine";

/** What the engine writes for a value that only an update can know. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const inputsSchema = z.record(z.string(), z.unknown());

/** The engine's resource in the words of the plan. */
function fromEngine(resource: EngineResource): Omit<
  PlannedResource,
  "urn" | "name" | "secretInputs" | "inputs"
> & {
  inputs: Record<string, unknown>;
} {
  const { type, parent, protect, dependencies, propertyDependencies } = resource;
  const hooks = Object.entries(resource.resourceHooks).map(([kind, names]): [string, string[]] => [
    kind.charAt(0).toLowerCase() + kind.slice(1),
    names,
  ]);
  const inputs: unknown = JSON.parse(
    JSON.stringify(resource.inputs).replaceAll(UNKNOWN, "[unknown]"),
  );
  const known = Object.entries(propertyDependencies).filter(([, urns]) => urns.length > 0);
  return {
    ...{ type, parent, protect, hooks: Object.fromEntries(hooks) },
    dependencies: [...dependencies].sort(),
    propertyDependencies: Object.fromEntries(known.map(([key, urns]) => [key, [...urns].sort()])),
    inputs: inputsSchema.parse(inputs),
    provider: explicitProvider(resource.provider),
  };
}

/** A reference without its id; null for a provider that the engine made by itself. */
function explicitProvider(reference: string): string | null {
  const urn = reference.slice(0, Math.max(reference.lastIndexOf("::"), 0));
  return urn === "" || /::default(_[\d_]+)?$/.test(urn) ? null : urn;
}

describe("the plan without an engine", () => {
  let opened: EngineLab | undefined;

  before(async function () {
    opened = await openLab(this, {
      stack: "homelab",
      configFile: HOMELAB_FILE,
    });
  });
  after(() => {
    opened?.remove();
  });

  it("is what the engine previews, resource by resource", async () => {
    const lab = opened;
    assert.ok(lab);
    const planned = renderDocument(
      await plan({
        ...{ folder: lab.folder, stack: "homelab", configFile: lab.configFile },
        onOutput: () => undefined,
      }),
    );
    const previewed = await lab.previewDocument();
    assert.deepEqual([...previewed.keys()].sort(), planned.resources.map(({ urn }) => urn).sort());
    for (const { urn, name, secretInputs, ...resource } of planned.resources) {
      const found = previewed.get(urn);
      assert.ok(found, urn);
      const expected = fromEngine(found);
      // A note of the SDK's to the engine, which hands it on to nobody.
      delete expected.inputs.__internal;
      assert.deepEqual(resource, expected, name);
      // The engine says [secret] for the whole of a property that holds one.
      for (const key of secretInputs) assert.match(JSON.stringify(found.inputs), /\[secret\]/, key);
    }
  });
});
