import assert from "node:assert/strict";
import { groupByLayer } from "../../../scripts/kit/graph/layers";
import { layOut, partName } from "../../../scripts/kit/graph/layout";
import type { Plan } from "../../../scripts/engine/plan";
import { BASE, component, planned, planOf, STACK } from "./registrations";

function command(layer: string, name: string): string {
  return component(layer, name)[1]?.urn ?? "";
}

function summary(plan: Plan): string[] {
  return groupByLayer(plan, layOut(plan)).map(
    ({ title, level, components }) =>
      `${String(level)} ${title}: ${components.map((c) => c.name).join(" ")}`,
  );
}

describe("layers", () => {
  it("come in the order in which they can be done", () => {
    const plan = planOf(
      ...component("node", "alpha"),
      ...component("node", "beta"),
      ...component("bootstrap", "cluster", command("node", "alpha"), command("node", "beta")),
      ...component("apps", "jellyfin", command("bootstrap", "cluster")),
      ...component("monitoring", "loki", command("bootstrap", "cluster")),
    );
    assert.deepEqual(summary(plan), [
      "0 node: alpha beta",
      "1 bootstrap: cluster",
      "2 apps: jellyfin",
      "2 monitoring: loki",
    ]);
  });

  it("are split if they are both first and last: by class, or by the name of a single resource", () => {
    const plan = planOf(
      ...component("validation:Preflight", "preflight"),
      ...component("node", "alpha", command("validation:Preflight", "preflight")),
      ...component("validation:Checks", "checks", command("node", "alpha")),
      ...component("validation:Checks", "more-checks", command("node", "alpha")),
    );
    assert.deepEqual(summary(plan), [
      "0 preflight: preflight",
      "1 node: alpha",
      "2 validation: Checks: checks more-checks",
    ]);
  });

  it("let a component wait for what the one around it needs", () => {
    const [outer, inner] = component("apps", "apps");
    assert.ok(outer !== undefined && inner !== undefined);
    const waiting = { ...outer, dependencies: [command("node", "alpha")] };
    const plan = planOf(...component("node", "alpha"), waiting, inner);
    assert.deepEqual(summary(plan), ["0 node: alpha", "1 apps: apps"]);
  });

  it("show what stands under the stack by itself, and parts without their component's name", () => {
    const secret = planned(`${BASE}random:index/randomPassword:RandomPassword::secret`, {
      parent: STACK,
    });
    const plan = planOf(secret, ...component("node", "alpha"));
    const layout = layOut(plan);
    assert.deepEqual(
      layout.components.map((c) => [
        c.layer,
        c.className,
        c.parts.map((part) => partName(c, part)),
      ]),
      [
        ["stack", "RandomPassword", ["secret"]],
        ["node", "Thing", ["run"]],
      ],
    );
  });
});
