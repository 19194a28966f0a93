import assert from "node:assert/strict";
import { z } from "zod";
import { runDigest } from "../../../components/bootstrap/kubespray/steps";
import { clusterArgs } from "../../../stacks/cluster-args";
import { listOpenQuestions } from "../../../stacks/open-questions";
import { findProgram } from "../../static/check";
import { verifyUnits } from "../../static/units";
import { withConfigured } from "../../support/fixtures/apps/configured/apps";
import { useGeneratedFolder } from "../../support/generated";
import type { Change } from "../../support/homelab";
import { HOST_ASLEEP, VIRTUAL } from "../../support/hypervisor";
import { METHOD_NAMES, methodChanges } from "../../support/methods";
import { named, type Recorded } from "../../support/mocks";
import { homelabSite } from "../../support/site";
import { ancestorsOf, recordStack, SECRETS } from "../../support/stack";
import { addUnit, addUnitsOf, nameApart, type Units } from "../../support/units";
import { addGeneratedUnits, readBootUnit } from "./generated-units";

/** What the chart is told of processes that K3s, by its own description, does not have. */
const OWN_PROCESSES = ["kubeApiServer", "kubeControllerManager", "kubeScheduler", "kubeProxy"];

/** A release's inputs without that. */
function shared(inputs: Recorded["inputs"]): unknown {
  const values = z.record(z.string(), z.unknown()).safeParse(inputs.values);
  if (!values.success) return inputs;
  const others = Object.entries(values.data).filter(([key]) => !OWN_PROCESSES.includes(key));
  return { ...inputs, values: Object.fromEntries(others) };
}

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA";

/** Configurations that have to hold the same invariants. */
const VARIANTS: Readonly<Record<string, readonly Change[]>> = {
  "the homelab": [],
  "the homelab on kubeadm": [[["bootstrap", "method"], "kubeadm"]],
  "the homelab on RKE2": methodChanges("rke2"),
  "the homelab on K3s": methodChanges("k3s"),
  "the homelab without monitoring": [[["monitoring"], undefined]],
  "the homelab without a sleeper": [
    [["machines", "hazel", "power"], { mode: "always-on" }],
    [["machines", "spruce", "power"], { mode: "always-on" }],
  ],
  "the homelab with every app and every secret": [
    ...withConfigured,
    [["apps", "minecraft"], { machine: "hazel", eula: true }],
    [["apps", "jellyfin", "apiKeySecret"], "jellyfinApiKey"],
    [["machines", "hazel", "hostKey"], KEY],
  ],
  "the homelab with virtual machines": VIRTUAL,
  "the homelab with virtual machines that sleep with their host": HOST_ASLEEP,
  "the homelab with a machine away": [[["machines", "hazel", "offline"], true]],
};

const recorded = new Map<string, Promise<Recorded[]>>();

/** Records each variant only once. */
function recordVariant(name: string): Promise<Recorded[]> {
  const graph = recorded.get(name) ?? recordStack(homelabSite(...(VARIANTS[name] ?? [])));
  recorded.set(name, graph);
  return graph;
}

const isRemote = (resource: Recorded): boolean => resource.type === "command:remote:Command";
const isKubernetes = (resource: Recorded): boolean => resource.type.startsWith("kubernetes:");
const connectionSchema = z.object({ host: z.string(), hostKey: z.string().optional() });

function connectionOf(resource: Recorded): z.infer<typeof connectionSchema> {
  return connectionSchema.parse(resource.inputs.connection);
}

/** The layer that a resource belongs to: the outermost component above it. */
function layerOf(graph: readonly Recorded[], resource: Recorded): string {
  const parent = graph.find((other) => other.name === resource.parent);
  return parent === undefined ? resource.name : layerOf(graph, parent);
}

for (const [name, changes] of Object.entries(VARIANTS)) {
  describe(`the graph of ${name}`, () => {
    useGeneratedFolder();
    const site = homelabSite(...changes);
    let graph: Recorded[];
    before(async () => {
      graph = await recordVariant(name);
    });

    it("has no cycle: a resource waits only for earlier ones", () => {
      const seen = new Set<string>();
      for (const resource of graph) {
        for (const dependency of resource.dependencies) {
          assert.ok(seen.has(dependency), `${resource.name} waits for ${dependency}`);
        }
        assert.ok(!seen.has(resource.name), `${resource.name} is there twice`);
        seen.add(resource.name);
      }
    });

    it("prepares a machine once it was looked at, and does nothing further before all are prepared", () => {
      for (const machine of site.machines) {
        const mine = graph.filter((r) => isRemote(r) && connectionOf(r).host === machine.address);
        assert.ok(machine.offline || mine.length > 4);
        for (const step of mine.filter((r) => layerOf(graph, r) !== "preflight")) {
          const before = ancestorsOf(graph, step.name);
          assert.ok(before.has(`preflight-${machine.name}`), step.name);
          if (step.name.startsWith("node-")) continue;
          for (const { name } of site.machines)
            assert.ok(before.has(`node-${name}-ready`), step.name);
        }
      }
    });

    it("has every Kubernetes resource on the one provider, which is made of the cluster's kubeconfig", () => {
      const objects = graph.filter(isKubernetes);
      assert.ok(objects.length > 5);
      for (const resource of objects) assert.equal(resource.provider, "kubernetes", resource.name);
      const providers = graph.filter((r) => r.type === "pulumi:providers:kubernetes");
      assert.deepEqual(
        providers.map((provider) => provider.name),
        ["kubernetes"],
      );
      assert.ok(providers[0]?.secretInputs.includes("kubeconfig"));
    });

    it("connects only to a machine whose key is pinned, or warns of it by name", () => {
      const warned = listOpenQuestions(site, "test", () => true).map((warning) => warning.path);
      for (const resource of graph.filter(isRemote)) {
        const { host, hostKey } = connectionOf(resource);
        const machine = site.machines.find((m) => m.address === host);
        assert.ok(machine, `${resource.name} goes to ${host}`);
        const path = `machines.${machine.name}.hostKey`;
        assert.ok(hostKey !== undefined || machine.offline || warned.includes(path), resource.name);
      }
    });

    it("runs constant commands, with every change in what they read", () => {
      for (const resource of graph.filter(isRemote)) {
        const { create, update, delete: remove } = resource.inputs;
        assert.equal(create, "sudo -n sh -eus apply");
        assert.equal(update, create);
        assert.ok(remove === undefined || remove === "sudo -n sh -eus remove");
        assert.equal(resource.inputs.triggers, undefined);
      }
    });

    it("wakes a machine before each step on it, and for no step that does nothing on removal", () => {
      for (const resource of graph.filter(isRemote)) {
        assert.deepEqual(resource.hooks, ["vmstation-wake"], resource.name);
      }
    });

    it("has no secret in a plain input", () => {
      for (const resource of graph) {
        const plain = Object.entries(resource.inputs).filter(
          ([key]) => !resource.secretInputs.includes(key),
        );
        const text = JSON.stringify(plain);
        for (const secret of Object.values(SECRETS))
          assert.ok(!text.includes(secret), resource.name);
      }
    });

    it("names what is on a machine after it, never after its place", () => {
      for (const resource of graph) assert.doesNotMatch(resource.name, /(^|-)\d+(-|$)/);
      for (const machine of site.machines) {
        assert.ok(graph.some((resource) => resource.name === `node-${machine.name}-system`));
      }
    });
  });
}

describe("the bootstrap methods", () => {
  useGeneratedFolder();
  it("give network, monitoring, power and apps the same resources with the same inputs", async () => {
    const graphs = new Map<string, Recorded[]>();
    for (const method of METHOD_NAMES) {
      graphs.set(method, await recordStack(homelabSite(...methodChanges(method))));
    }
    const later = (method: string): unknown[] => {
      const graph = graphs.get(method) ?? [];
      return graph
        .filter((r) => ["network", "monitoring", "power", "apps"].includes(layerOf(graph, r)))
        .map(({ name, type, inputs, parent }) => ({ name, type, inputs: shared(inputs), parent }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    };
    assert.ok(later("kubespray").length > 50);
    for (const method of METHOD_NAMES) assert.deepEqual(later(method), later("kubespray"), method);
  });

  it("have no metrics of processes that there are not", async () => {
    const graph = await recordStack(homelabSite(...methodChanges("k3s")));
    const { values } = named(graph, "monitoring-kube-prometheus-stack").inputs;
    const { kubeEtcd, ...parts } = z.looseObject({ kubeEtcd: z.object({}) }).parse(values);
    assert.ok(kubeEtcd);
    for (const part of OWN_PROCESSES) {
      assert.deepEqual(parts[part], { enabled: false }, part);
    }
  });
});

describe("Kubespray's run", () => {
  useGeneratedFolder();
  it("waits for a machine to wake as long as the slowest may take", async () => {
    const graph = await recordStack(homelabSite());
    const inventory = graph.find((resource) => resource.name === "bootstrap-inventory");
    assert.match(String(inventory?.inputs.stdin), /"wakeTimeout": ?600\b/);
  });

  it("is for the verbs the one that `up` makes: they know its intent", async () => {
    const graph = await recordStack(homelabSite());
    const run = graph.find((resource) => resource.name === "bootstrap-run");
    const site = homelabSite();
    const { bootstrap: config, remote: settings } = site.config;
    assert.ok(config.method === "kubespray");
    const digest = runDigest({ ...clusterArgs(site, { settings }), config });
    assert.ok(String(run?.inputs.stdin).includes(digest));
  });
});

describe("a machine that is away", () => {
  useGeneratedFolder();
  it("keeps its resources in the state, even if the configuration changed; the others are updated", async () => {
    const site = homelabSite([["machines", "hazel", "offline"], true]);
    const graph = await recordStack(site);
    const usual = await recordStack(homelabSite());
    const names = (g: readonly Recorded[]): string[] => g.map((resource) => resource.name).sort();
    assert.deepEqual(names(graph), names(usual));
    const away = site.machines.find((machine) => machine.offline);
    for (const resource of graph.filter(isRemote)) {
      const frozen = connectionOf(resource).host === away?.address;
      assert.deepEqual(resource.ignoreChanges, frozen ? ["*"] : [], resource.name);
    }
  });
});

describe("the units that a stack writes", () => {
  useGeneratedFolder();
  it("are verified by systemd without a warning, with any configuration", async function () {
    this.timeout(60_000);
    const systemdAnalyze = findProgram("systemd-analyze");
    if (systemdAnalyze === undefined) {
      console.log("    skipped: no systemd-analyze on the PATH");
      this.skip();
    }
    const units: Units = new Map();
    for (const name of Object.keys(VARIANTS)) addUnitsOf(units, await recordVariant(name));
    const { seed } = addGeneratedUnits(units);
    addUnit(units, "vmstation-guard.service", readBootUnit());
    for (const name of ["vmstation-firewall.service", "kubelet.service", "k3s.service"])
      assert.ok(units.has(name), [...units.keys()].join(" "));
    assert.equal(await verifyUnits(systemdAnalyze, nameApart(units)), "", `seed ${seed}`);
  });
});
