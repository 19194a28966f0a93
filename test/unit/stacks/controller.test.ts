import assert from "node:assert/strict";
import { z } from "zod";
import { findOrder, listUp } from "../../../scripts/kit/spin-order";
import { controllerOf } from "../../../stacks/site";
import { METHOD_NAMES } from "../../support/methods";
import type { Recorded } from "../../support/mocks";
import { recordStack } from "../../support/stack";
import { siteOf, type LayerChoice } from "./layer-choices";

/** Control planes alpha, gamma and mu, workers beta, which sleeps, and omega. */
const CHOICE = {
  ...{ machines: "three planes, two workers", sleeps: "a worker", apps: "sleeping" },
  ...{ monitoring: false, backup: true, controller: "mu" },
} as const satisfies Partial<LayerChoice>;

const hostOf = (resource: Recorded): string =>
  z.object({ host: z.string() }).parse(resource.inputs.connection).host;

for (const method of METHOD_NAMES)
  describe(`the controller that the configuration names, by ${method}`, () => {
    const site = siteOf({ ...CHOICE, method });
    let graph: Recorded[];
    before(async () => {
      graph = await recordStack(site);
    });

    /** Names of the resources on a machine, its own name taken out. */
    function on(name: string): string[] {
      const address = site.machines.find((machine) => machine.name === name)?.address;
      return graph
        .filter((r) => r.type === "command:remote:Command" && hostOf(r) === address)
        .map((r) => r.name.replace(`-${name}`, ""))
        .sort();
    }

    it("does everything that one control plane does, instead of the first one by name", () => {
      assert.deepEqual(on("alpha"), on("gamma"));
      const own = on("mu");
      for (const part of [
        ...["power-controller", "power-credentials", "backup-controller", "backup-password"],
        ...["network-ready", "validation-checks", "validation-run", "apps-jellyfin-discovery"],
        ...["bootstrap-kubeconfig", "bootstrap-verify"],
      ])
        assert.ok(own.includes(part), part);
    });

    it("is the machine that the others accept, open ports to and call", () => {
      const { address } = controllerOf(site);
      const stdin = (name: string): string =>
        String(graph.find((resource) => resource.name === name)?.inputs.stdin);
      for (const trust of ["power-trust-beta", "backup-trust-beta"])
        assert.ok(stdin(trust).includes(`from="${address}"`), trust);
      const ports = site.facts.firewall.filter(({ purpose }) => purpose.includes("held while"));
      assert.deepEqual(
        ports.map(({ machines }) => machines),
        [["mu"]],
      );
      assert.ok(stdin("bootstrap-verify").includes("verify.json"));
    });
  });

describe("the verbs", () => {
  it("ask the controller that the configuration names, and start it first", () => {
    const order = findOrder(siteOf({ ...CHOICE, method: "kubespray" }));
    assert.equal(order.controller.name, "mu");
    assert.equal(listUp(order)[0], "mu");
  });
});

describe("a controller that moves to another control plane", () => {
  let first: Recorded[];
  let moved: Recorded[];
  const record = async (controller: string): Promise<Recorded[]> => {
    const graph = await recordStack(siteOf({ ...CHOICE, method: "rke2", controller }));
    return graph.filter(({ name }) => /^(power|backup)-controller|^network-ready/.test(name));
  };
  before(async () => {
    first = await record("alpha");
    moved = await record("mu");
  });

  it("is another resource, so that the old machine is cleaned up", () => {
    assert.equal(first.length, 3);
    for (const { name } of first) assert.ok(!moved.some((other) => other.name === name), name);
  });

  it("is, in a stack from before its name held the machine's, the one that stood on the same machine", () => {
    const aliases = (of: readonly Recorded[]): string[] =>
      of.flatMap((resource) => resource.aliases).sort();
    assert.deepEqual(aliases(first), ["backup-controller", "network-ready", "power-controller"]);
    // The power controller stood on the first control plane whatever the configuration named.
    assert.deepEqual(aliases(moved), ["backup-controller", "network-ready"]);
  });
});
