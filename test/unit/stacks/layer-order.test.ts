import assert from "node:assert/strict";
import type { Recorded } from "../../support/mocks";
import { everyPair } from "../../support/pairs";
import { homelabSite } from "../../support/site";
import { recordStack } from "../../support/stack";
import { wholePlatform } from "../platform/sites";
import { everyLayerChoice, siteOf, type LayerChoice } from "./layer-choices";

/** The layers in turn; a node is one for each machine. */
const LAYERS = [
  ...[
    "hypervisor",
    "preflight",
    "node",
    "bootstrap",
    "network",
    "platform",
    "monitoring",
    "power",
    "apps",
    "gitops",
    "backup",
  ],
  "validation",
] as const;

type Layer = (typeof LAYERS)[number];

const EVERY = everyLayerChoice();
const wanted = Number(process.env.VMSTATION_CASES ?? 0);
const TRIED = wanted > 0 ? EVERY.slice(0, wanted) : everyPair(EVERY);

/** They come with the cluster: only their run is last. */
const CHECKS = "validation-checks-";

/** A resource that does something, in its layer. */
interface Part {
  readonly name: string;
  readonly layer: Layer;
  /** The outermost component above it: "node-alpha", "network". */
  readonly root: string;
  /** Everything that it waits for, directly or not. */
  readonly ancestors: ReadonlySet<string>;
}

function rootOf(byName: ReadonlyMap<string, Recorded>, resource: Recorded): string {
  const parent = byName.get(resource.parent);
  return parent === undefined ? resource.name : rootOf(byName, parent);
}

/** Ancestors of each, in one walk: a resource is recorded after all that it waits for. */
function partsOf(graph: readonly Recorded[]): Part[] {
  const byName = new Map(graph.map((resource) => [resource.name, resource]));
  const ancestors = new Map<string, ReadonlySet<string>>();
  for (const { name, dependencies } of graph) {
    const further = dependencies.flatMap((each) => [...(ancestors.get(each) ?? [])]);
    ancestors.set(name, new Set([...dependencies, ...further]));
  }
  return graph.flatMap((resource) => {
    const root = rootOf(byName, resource);
    const layer = LAYERS.find((each) => root === each || root.startsWith(`${each}-`));
    const { name, type } = resource;
    // A provider does nothing by itself.
    if (!resource.custom || layer === undefined || type.startsWith("pulumi:providers:")) return [];
    if (name.startsWith(CHECKS)) return [];
    return [{ name, layer, root, ancestors: ancestors.get(name) ?? new Set() }];
  });
}

/** The last of each layer: what no other of the same layer waits for. */
function endsOf(parts: readonly Part[], layer: Layer): Part[] {
  const own = parts.filter((part) => part.layer === layer);
  return own.filter(({ name }) => !own.some((other) => other.ancestors.has(name)));
}

function listDisorder(parts: readonly Part[]): string[] {
  const there = LAYERS.filter((layer) => parts.some((part) => part.layer === layer));
  const ends = new Map(there.map((layer) => [layer, endsOf(parts, layer)]));
  return parts.flatMap((part) =>
    there
      .slice(0, there.indexOf(part.layer))
      .flatMap((layer) => ends.get(layer) ?? [])
      .filter(({ name, layer }) => !isOfMachine(part.layer, layer) || isOwn(name, part))
      .filter(({ layer }) => waitsFor(part.layer, layer))
      .filter(({ name }) => !part.ancestors.has(name))
      .map(({ name }) => `${part.name} does not wait for ${name}`),
  );
}

/** Nothing needs the pool of addresses, which is all of the platform here. */
function waitsFor(later: Layer, earlier: Layer): boolean {
  return earlier !== "platform" || later === "validation";
}

/** A node waits for the look at its own machine, and that for its making: one that is dead stops no other. */
function isOfMachine(later: Layer, earlier: Layer): boolean {
  const isEarly = earlier === "hypervisor" || earlier === "preflight";
  return isEarly && (later === "preflight" || later === "node");
}

function isOwn(earlier: string, { name, layer, root }: Part): boolean {
  const machine = layer === "node" ? root.slice("node-".length) : name.slice("preflight-".length);
  return earlier.replace(/^(hypervisor-vm|preflight)-/, "") === machine;
}

/** As the engine destroys: whatever nothing waits for any more, all at once, until nothing is left. */
function listDestroyed(parts: readonly Part[]): Layer[][] {
  let left = [...parts];
  const waves: Layer[][] = [];
  while (left.length > 0) {
    const wave = left.filter(({ name }) => !left.some(({ ancestors }) => ancestors.has(name)));
    waves.push(wave.map(({ layer }) => layer));
    left = left.filter((part) => !wave.includes(part));
  }
  return waves;
}

function describeChoice(choice: LayerChoice): string {
  return JSON.stringify(choice).replaceAll('"', "");
}

describe("the order of the layers, no matter which are left out", () => {
  for (const choice of TRIED) {
    it(`holds with ${describeChoice(choice)}`, async () => {
      const parts = partsOf(await recordStack(siteOf(choice)));
      assert.deepEqual(listDisorder(parts), []);
      const waves = listDestroyed(parts);
      for (const [i, layer] of LAYERS.entries()) {
        const last = waves.findLastIndex((wave) => wave.includes(layer));
        // A destroy leaves virtual machines.
        const destroyed = LAYERS.slice(0, i).filter((each) => each !== "hypervisor");
        const earlier = new Set<string>(destroyed.filter((each) => waitsFor(layer, each)));
        const early = waves
          .slice(0, last + 1)
          .findIndex((wave) => wave.some((l) => earlier.has(l)));
        if (last >= 0 && layer !== "node")
          assert.equal(early, -1, `${layer} is not destroyed first`);
      }
    });
  }

  it("lets what a destroy leaves wait for nothing that a destroy takes away", async () => {
    const kubeadm = homelabSite(
      [["bootstrap", "method"], "kubeadm"],
      [["bootstrap", "encryption"], true],
    );
    const left = (await recordStack(kubeadm)).filter(({ protect }) => protect);
    const found = left.map(({ name, dependencies }) => [name, dependencies]);
    assert.deepEqual(found, [["bootstrap-encryption-key", []]]);
  });

  it("brings the checks before all that can fail in a cluster, so that they tell of it", async () => {
    const graph = await recordStack(wholePlatform());
    const checks = graph.find(({ name }) => name.startsWith(CHECKS));
    assert.ok(checks && checks.dependencies.length > 0);
    for (const name of checks.dependencies) assert.match(name, /^bootstrap/);
  });

  it("keeps one machine's nodes free of every other machine", async () => {
    const choice = EVERY.find(({ machines }) => machines === "three planes, two workers");
    assert.ok(choice);
    const nodes = partsOf(await recordStack(siteOf(choice))).filter(
      ({ layer }) => layer === "node",
    );
    assert.ok(nodes.length > 0);
    for (const { name, root, ancestors } of nodes) {
      const machine = root.slice("node-".length);
      for (const each of ancestors) assert.ok(each.includes(machine), `${name} waits for ${each}`);
    }
  });
});
