import assert from "node:assert/strict";
import { createCluster } from "../../../components/bootstrap/bootstrap";
import * as pulumi from "@pulumi/pulumi";
import { METHOD_NAMES } from "../../support/methods";
import { named, recordGraph, type Recorded } from "../../support/mocks";
import { clusterArgs, type Method } from "./sites";

const COMMAND = "command:remote:Command";
const PUBLIC_KEY = "ssh-ed25519 AAAAC3Nza vmstation-controller";

function record(method: Method, reverse = false): Promise<Recorded[]> {
  const args = clusterArgs({ method });
  const machines = reverse ? [...args.machines].reverse() : args.machines;
  return recordGraph(
    () => createCluster("bootstrap", { ...args, machines }),
    (type, name) => {
      if (name === "bootstrap-controller") return { stdout: `${PUBLIC_KEY}\n` };
      if (type.includes("RandomPassword")) return { result: pulumi.secret("t0ken") };
      if (name === "bootstrap-token") {
        return { stdout: '{"token":"t0ken","caHash":"sha256:00","certificateKey":""}' };
      }
      return {};
    },
  );
}

/** What there is and what it waits for; siblings register in no fixed order. */
const edges = (graph: readonly Recorded[]) =>
  graph
    .map(({ type, name, dependencies }) => [type, name, dependencies.join(" ")] as const)
    .sort(([, a], [, b]) => (a < b ? -1 : 1));

function sorted(...expected: (readonly [string, string, string])[]) {
  return expected.sort(([, a], [, b]) => (a < b ? -1 : 1));
}

function stdin(graph: readonly Recorded[], name: string): string {
  return String(named(graph, name).inputs.stdin);
}

describe("the cluster by Kubespray", () => {
  it("is a controller, access from it to every machine, an inventory, one run, then proof", async () => {
    assert.deepEqual(
      edges(await record("kubespray")),
      sorted(
        ["vmstation:bootstrap:Kubespray", "bootstrap", ""],
        [COMMAND, "bootstrap-controller", ""],
        [COMMAND, "bootstrap-access-hazel", "bootstrap-controller"],
        [COMMAND, "bootstrap-access-maple", "bootstrap-controller"],
        [COMMAND, "bootstrap-access-spruce", "bootstrap-controller"],
        [COMMAND, "bootstrap-inventory", "bootstrap-controller"],
        [
          COMMAND,
          "bootstrap-run",
          "bootstrap-access-hazel bootstrap-access-maple bootstrap-access-spruce bootstrap-inventory",
        ],
        [COMMAND, "bootstrap-kubeconfig", "bootstrap-run"],
        [COMMAND, "bootstrap-verify", "bootstrap-kubeconfig"],
      ),
    );
  });

  it("authorises the key that the controller made, from the controller's address", async () => {
    const text = stdin(await record("kubespray"), "bootstrap-access-hazel");
    assert.ok(text.includes(`  PUBLIC_KEY='${PUBLIC_KEY}'\n  FROM='192.168.8.63'`), text);
    assert.ok(text.includes("  LOGIN_USER='sasha'"));
  });

  it("never resets a cluster by being destroyed", async () => {
    const graph = await record("kubespray");
    const run = named(graph, "bootstrap-run");
    assert.equal(run.retainOnDelete, true);
    assert.equal(run.inputs.delete, undefined);
    for (const resource of graph) {
      assert.ok(
        [undefined, "sudo -n sh -eus remove"].some((text) => text === resource.inputs.delete),
      );
    }
  });

  it("keeps what the kubeconfig's step prints out of every log", async () => {
    const kubeconfig = named(await record("kubespray"), "bootstrap-kubeconfig");
    assert.equal(kubeconfig.inputs.logging, "none");
    assert.ok(String(kubeconfig.inputs.stdin).includes("  ENDPOINT='https://192.168.8.63:6443'"));
  });

  it("reads a new kubeconfig, and looks at the cluster, after every run of another intent", async () => {
    const graph = await record("kubespray");
    const digest = /DIGEST='([0-9a-f]{64})'/.exec(stdin(graph, "bootstrap-run"))?.[1] ?? "none";
    for (const name of ["bootstrap-kubeconfig", "bootstrap-verify"]) {
      assert.ok(stdin(graph, name).includes(`REVISION='${digest}'`));
    }
  });
});

describe("the cluster by kubeadm", () => {
  it("installs everywhere, starts one control plane, makes a token, and lets the others join", async () => {
    const graph = await record("kubeadm");
    assert.deepEqual(
      edges(graph).slice(1),
      sorted(
        [COMMAND, "bootstrap-install-hazel", ""],
        [COMMAND, "bootstrap-install-maple", ""],
        [COMMAND, "bootstrap-install-spruce", ""],
        [COMMAND, "bootstrap-init", "bootstrap-install-maple"],
        [COMMAND, "bootstrap-arrivals", "bootstrap-init"],
        [COMMAND, "bootstrap-token", "bootstrap-arrivals"],
        [COMMAND, "bootstrap-join-hazel", "bootstrap-install-hazel bootstrap-token"],
        [COMMAND, "bootstrap-join-spruce", "bootstrap-install-spruce bootstrap-token"],
        [
          COMMAND,
          "bootstrap-nodes",
          "bootstrap-arrivals bootstrap-join-hazel bootstrap-join-spruce",
        ],
        [COMMAND, "bootstrap-kubeconfig", "bootstrap-nodes"],
        [COMMAND, "bootstrap-verify", "bootstrap-kubeconfig"],
      ),
    );
  });

  it("treats the join token as a secret", async () => {
    const graph = await record("kubeadm");
    assert.equal(named(graph, "bootstrap-token").inputs.logging, "none");
    const join = named(graph, "bootstrap-join-hazel");
    assert.deepEqual(join.secretInputs, ["connection", "stdin"]);
    assert.match(stdin(graph, "bootstrap-join-hazel"), /token: t0ken/);
  });
});

/** What becomes of the agents, one after another. */
function turnsOf(method: "k3s" | "rke2"): string[] {
  return ["hazel", "spruce"].flatMap((name) =>
    ["drain", method, "uncordon"].map((turn) => `bootstrap-${turn}-${name}`),
  );
}

describe("the cluster by RKE2", () => {
  it("goes from machine to machine, and takes each agent out of service and back", async () => {
    const graph = await record("rke2");
    const chain = turnsOf("rke2");
    assert.deepEqual(
      edges(graph).slice(1),
      sorted(
        ["random:index/randomPassword:RandomPassword", "bootstrap-token", ""],
        [COMMAND, "bootstrap-rke2-maple", "bootstrap-token"],
        [COMMAND, "bootstrap-arrivals", "bootstrap-rke2-maple"],
        ...chain.map((name, i) => {
          const before = chain[i - 1] ?? "bootstrap-arrivals";
          const needs = name.includes("-rke2-") ? [before, "bootstrap-token"].sort() : [before];
          return [COMMAND, name, needs.join(" ")] as const;
        }),
        [COMMAND, "bootstrap-nodes", "bootstrap-uncordon-spruce"],
        [COMMAND, "bootstrap-kubeconfig", "bootstrap-nodes"],
        [COMMAND, "bootstrap-verify", "bootstrap-kubeconfig"],
      ),
    );
    assert.deepEqual(named(graph, "bootstrap-rke2-hazel").secretInputs, ["connection", "stdin"]);
  });
});

describe("the cluster by K3s", () => {
  it("goes from machine to machine, and takes each agent out of service and back", async () => {
    const graph = await record("k3s");
    const [last, chain] = ["bootstrap-uncordon-spruce", turnsOf("k3s")];
    const tokens = "bootstrap-agent-token bootstrap-token";
    assert.deepEqual(
      edges(graph).slice(1),
      sorted(
        ["random:index/randomPassword:RandomPassword", "bootstrap-token", ""],
        ["random:index/randomPassword:RandomPassword", "bootstrap-agent-token", ""],
        [COMMAND, "bootstrap-k3s-maple", tokens],
        [COMMAND, "bootstrap-arrivals", "bootstrap-k3s-maple"],
        ...chain.map((name, i) => {
          const before = chain[i - 1] ?? "bootstrap-arrivals";
          const needs = name.includes("-k3s-") ? [...tokens.split(" "), before].sort() : [before];
          return [COMMAND, name, needs.join(" ")] as const;
        }),
        [COMMAND, "bootstrap-nodes", last],
        [COMMAND, "bootstrap-kubeconfig", "bootstrap-nodes"],
        [COMMAND, "bootstrap-verify", "bootstrap-kubeconfig"],
      ),
    );
    for (const name of ["maple", "hazel"]) {
      const { secretInputs } = named(graph, `bootstrap-k3s-${name}`);
      assert.deepEqual(secretInputs, ["connection", "stdin"], name);
    }
  });

  it("takes over an adopted cluster's tokens, and makes none then", async () => {
    const args = clusterArgs({ method: "k3s", tokenSecret: "k3sToken" });
    const secrets = (name?: string) => (name === "k3sToken" ? pulumi.secret("theirs") : undefined);
    const graph = await recordGraph(() => createCluster("bootstrap", { ...args, secrets }));
    assert.deepEqual(
      graph.filter(({ type }) => type.includes("RandomPassword")),
      [],
    );
    assert.match(stdin(graph, "bootstrap-k3s-maple"), /^token: theirs\nagent-token: theirs$/m);
  });
});

describe("every method", () => {
  for (const method of METHOD_NAMES) {
    it(`gives the same resources whatever the order of the machines (${method})`, async () => {
      const byName = (graph: readonly Recorded[]) =>
        [...graph]
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map(({ name, dependencies, inputs }) => ({ name, dependencies, inputs }));
      assert.deepEqual(byName(await record(method, true)), byName(await record(method)));
    });

    it(`yields endpoint, secret kubeconfig and readiness (${method})`, async () => {
      const seen: { endpoint?: string; secret?: boolean; ready?: boolean } = {};
      await recordGraph(() => {
        const cluster = createCluster("bootstrap", clusterArgs({ method }));
        cluster.endpoint.apply((endpoint) => {
          seen.endpoint = endpoint;
        });
        void pulumi.isSecret(cluster.kubeconfig).then((secret) => {
          seen.secret = secret;
        });
        seen.ready = pulumi.Resource.isInstance(cluster.ready);
      });
      assert.deepEqual(seen, {
        endpoint: "https://192.168.8.63:6443",
        secret: true,
        ready: true,
      });
    });
  }
});

describe("the cluster, where --target leaves out what a step is made from", () => {
  for (const [method, step] of [
    ["kubespray", "bootstrap-access-hazel"],
    ["kubeadm", "bootstrap-join-hazel"],
  ] as const) {
    it(`is still planned by ${method}, with a step that says what to do`, async () => {
      const args = clusterArgs({ method });
      // What is left out and never ran has no outputs but its inputs.
      const graph = await recordGraph(
        () => createCluster("bootstrap", args),
        (type) => (type.includes("RandomPassword") ? { result: pulumi.secret("t0ken") } : {}),
        false,
      );
      assert.match(stdin(graph, step), /^# left-out on hazel\n/);
      assert.match(stdin(graph, step), /"name that one to --target as well, or run without/);
    });
  }
});
