import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Registration } from "../../../scripts/engine/registration";
import { Applier } from "../../rig/engine/applier";
import { RemoteCommands } from "../../rig/engine/remote-command";
import { StackState } from "../../rig/engine/state";

function register(name: string, more: Partial<Registration> = {}): Registration {
  return {
    ...{ urn: name, name, type: "random:index/randomPassword:RandomPassword", custom: true },
    ...{
      parent: undefined,
      provider: undefined,
      aliases: [],
      inputs: { length: 8 },
      dependencies: [],
    },
    ...{ propertyDependencies: {}, protect: false, hooks: {}, additionalSecretOutputs: [] },
    ...{ ignoreChanges: [], replaceOnChanges: [], deleteBeforeReplace: false },
    ...{ retainOnDelete: false, customTimeouts: { create: "", update: "", delete: "" }, ...more },
  };
}

describe("the engine that the rig applies programs with", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-applier-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** One update, in which hooks before an update fail where they are told to. */
  const update = (fails: boolean) => {
    const applier = new Applier({
      state: new StackState(path.join(folder, "state.json")),
      commands: new RemoteCommands(new AbortController().signal, () => undefined),
      objects: undefined,
      destroy: false,
      target: () => true,
    });
    const runHooks = (): Promise<void> =>
      fails ? Promise.reject(new Error("asleep")) : Promise.resolve();
    return (registration: Registration) =>
      applier.register(registration, { dryRun: false, runHooks, registrations: new Map() });
  };

  it("tells a program nothing of what it has skipped, as Pulumi's does: not what an earlier update has found", async () => {
    const needing = register("needing", { dependencies: ["needed"] });
    const first = update(false);
    await first(register("needed"));
    assert.notDeepEqual((await first(needing)).outputs, {});

    const second = update(true);
    const failed = await second(register("needed", { inputs: { length: 9 } }));
    const skipped = await second(needing);
    assert.deepEqual([failed.failed, failed.outputs], [true, {}]);
    assert.deepEqual([skipped.failed, skipped.outputs], [true, {}]);
  });
});
