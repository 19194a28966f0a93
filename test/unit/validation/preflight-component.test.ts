import assert from "node:assert/strict";
import type { Machine } from "../../../components/node/machine";
import { Preflight } from "../../../components/validation/preflight";
import { renderPreflight } from "../../../components/validation/render-preflight";
import { named, recordGraph } from "../../support/mocks";
import { args, machine, site } from "./preflight-machine";

describe("the preflight component", () => {
  const access = { settings: site.config.remote };
  const record = (machines: readonly Machine[]) =>
    recordGraph(() => new Preflight("preflight", { ...args, machines, access }, {}));

  it("looks at each machine once, keyed by its name, and leaves it alone when deleted", async () => {
    const graph = await record(site.machines);
    assert.deepEqual(
      graph.map(({ type, name, parent }) => [type, name, parent]),
      [
        ["vmstation:validation:Preflight", "preflight", ""],
        ["command:remote:Command", "preflight-hazel", "preflight"],
        ["command:remote:Command", "preflight-maple", "preflight"],
        ["command:remote:Command", "preflight-spruce", "preflight"],
      ],
    );
    assert.equal(named(graph, "preflight-hazel").inputs.delete, undefined);
  });

  it("runs again when what goes onto the machine changes, and only then", () => {
    const render = (digest: string) =>
      renderPreflight(machine("hazel"), { ...args, digests: { hazel: digest } });
    assert.deepEqual(render("a"), render("a"));
    assert.notDeepEqual(render("a"), render("b"));
  });

  it("asks each machine for its own system and package manager", () => {
    const { settings } = renderPreflight(machine("hazel"), args);
    assert.deepEqual([settings?.OS, settings?.EXTRA_MODULES], ["rhel-10", "kernel-modules-extra"]);
    assert.match(String(settings?.TOOLS), /\bdnf$/);
  });
});
