import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  done,
  homelabState,
  machineState,
  planAll,
  planOne,
  recordOf,
  stateChange,
  type Done,
  type PlannedStep,
} from "./clusters";

const CASES = 600;

/** Playbook, limit, tags: what Ansible is told. */
function shape({ playbook, limit, tags }: PlannedStep): string {
  return [
    playbook,
    ...(limit.length > 0 ? [`--limit ${limit.join(",")}`] : []),
    ...(tags.length > 0 ? [`--tags ${tags.join(",")}`] : []),
  ].join(" ");
}

const minor = (version: string): number => Number(version.split(".")[1]);

describe("the steps from a recorded cluster to a wanted one", () => {
  const before = homelabState();
  const three = homelabState({
    machines: {
      ...before.machines,
      second: machineState(["control-plane", "etcd"]),
      third: machineState(["control-plane", "etcd"], { key: "old" }),
    },
  });
  const steps = (wanted: ReturnType<typeof homelabState>) =>
    done(planOne(recordOf(before), wanted)).steps.map(shape);

  it("are the whole playbook where there is no cluster", () => {
    assert.deepEqual(done(planOne(null, before)).steps.map(shape), ["cluster.yml"]);
  });

  it("are empty if nothing changed", () => {
    assert.deepEqual(steps(homelabState()), []);
  });

  it("are scale.yml, limited to it, for a worker that joined", () => {
    const machines = { ...before.machines, hazel: machineState(["worker"]) };
    assert.deepEqual(steps(homelabState({ machines })), [
      "playbooks/facts.yml",
      "scale.yml --limit hazel",
    ]);
  });

  it("are cluster.yml on the control planes for a control plane without etcd that joined", () => {
    const machines = { ...before.machines, second: machineState(["control-plane"]) };
    assert.deepEqual(steps(homelabState({ machines })), [
      "playbooks/facts.yml",
      "cluster.yml --limit kube_control_plane",
    ]);
  });

  it("are cluster.yml and upgrade-cluster.yml on etcd and control planes for etcd members that joined", () => {
    const machines = {
      ...three.machines,
      fourth: machineState(["control-plane", "etcd"]),
      fifth: machineState(["control-plane", "etcd"]),
    };
    const planned = done(planOne(recordOf(three), homelabState({ machines }))).steps;
    assert.deepEqual(planned.map(shape), [
      "snapshot",
      "playbooks/facts.yml",
      "cluster.yml --limit etcd,kube_control_plane",
      "upgrade-cluster.yml --limit etcd,kube_control_plane",
    ]);
    assert.deepEqual(planned[2]?.extra, { ignore_assert_errors: true, etcd_retries: 10 });
  });

  it("drain and remove a machine that left, after a snapshot, where that is allowed", () => {
    const machines = { maple: machineState(["control-plane", "etcd"]) };
    const planned = done(
      planOne(recordOf(before), homelabState({ machines, allowRemoval: true })),
    ).steps;
    assert.deepEqual(planned.map(shape), ["snapshot", "remove-node.yml"]);
    assert.deepEqual(planned[1]?.extra, { node: "storage", skip_confirmation: true });
  });

  it("take a dead control plane out without a reset, and let the new machine under its name join", () => {
    const third = machineState(["control-plane", "etcd"], { key: "new" });
    const wanted = homelabState({ machines: { ...three.machines, third } });
    const planned = done(planOne(recordOf(three), wanted)).steps;
    assert.deepEqual(planned.map(shape), [
      "snapshot",
      "remove-node.yml",
      "cluster.yml",
      "playbooks/facts.yml",
      "cluster.yml --limit etcd,kube_control_plane",
      "upgrade-cluster.yml --limit etcd,kube_control_plane",
    ]);
    assert.equal(planned[1]?.extra.reset_nodes, false);
    assert.match(planned[1].reason, /^third: another machine has its place$/);
  });

  it("take a worker out that becomes a control plane, reset it, and let it join", () => {
    const machines = { ...before.machines, storage: machineState(["control-plane"]) };
    const planned = done(planOne(recordOf(before), homelabState({ machines }))).steps;
    assert.deepEqual(planned.map(shape), [
      "snapshot",
      "remove-node.yml",
      "playbooks/facts.yml",
      "cluster.yml --limit kube_control_plane",
    ]);
    assert.equal(planned[1]?.extra.reset_nodes, undefined);
  });

  it("do not wait for a machine that was away when it left", () => {
    const away = homelabState({
      machines: { ...before.machines, storage: machineState(["worker"], { offline: true }) },
    });
    const machines = { maple: machineState(["control-plane", "etcd"]) };
    const planned = done(
      planOne(recordOf(away), homelabState({ machines, allowRemoval: true })),
    ).steps;
    assert.equal(planned[1]?.extra.reset_nodes, false);
    assert.equal(planned[1].extra.allow_ungraceful_removal, true);
  });

  it("are the tags that fit for changed settings, the whole playbook where none fit", () => {
    const changed = (name: string) => {
      const group = before.groups[name] ?? { tags: [], manifests: false, digest: "" };
      return homelabState({
        groups: { ...before.groups, [name]: { ...group, digest: "other" } },
      });
    };
    assert.deepEqual(steps(changed("kubelet")), ["cluster.yml --tags facts,node"]);
    assert.deepEqual(steps(changed("dns")), ["cluster.yml --tags apps,download,facts"]);
    assert.deepEqual(steps(changed("cluster")), ["cluster.yml"]);
  });

  it("touch labels and taints only, for a machine whose labels changed", () => {
    const machines = { ...before.machines, storage: machineState(["worker"], { digest: "d1" }) };
    assert.deepEqual(steps(homelabState({ machines })), [
      "cluster.yml --tags facts,node-label,node-taint",
    ]);
  });

  it("upgrade all machines one at a time after a snapshot, and later those that were away", () => {
    const version = "1.35.4";
    const upgraded = {
      maple: machineState(["control-plane", "etcd"], { version }),
      storage: machineState(["worker"], { version, offline: true }),
    };
    const first = done(
      planOne(recordOf(before), homelabState({ kubernetesVersion: version, machines: upgraded })),
    );
    assert.deepEqual(first.steps.map(shape), ["snapshot", "upgrade-cluster.yml"]);
    assert.deepEqual(first.steps[1]?.extra, { serial: 1 });
    const back = { ...upgraded, storage: machineState(["worker"], { version }) };
    const second = planOne(
      first.states.at(-1) ?? null,
      homelabState({ kubernetesVersion: version, machines: back }),
    );
    assert.deepEqual(done(second).steps.map(shape), [
      "snapshot",
      "playbooks/facts.yml",
      "upgrade-cluster.yml --limit storage",
    ]);
  });
});

describe("a cluster that another hand installed", () => {
  const wanted = homelabState({ kubespray: "v2.31.0" });
  const found = (observable: Record<string, string>) => ({
    ...recordOf(wanted),
    kubespray: null,
    groups: null,
    observable,
  });

  it("is recorded, and nothing runs, where it is as described", () => {
    const adopted = done(planOne(found({ proxyMode: "nftables", ipipMode: "Always" }), wanted));
    assert.deepEqual(adopted.steps.map(shape), ["record"]);
    assert.deepEqual(adopted.again, []);
  });

  it("is changed by the whole playbook, which names the differences, where it is not", () => {
    const [only] = done(planOne(found({ proxyMode: "ipvs", ipipMode: "Always" }), wanted)).steps;
    assert.equal(only?.playbook, "cluster.yml");
    assert.equal(only.reason, "adopting: proxyMode is ipvs, wanted nftables");
  });
});

describe("from any state to any other", () => {
  const cases = fc.sample(stateChange, { numRuns: CASES });
  const outcomes = planAll(cases);
  const each = (check: (result: Done, from: (typeof cases)[number]) => void): void => {
    let seen = 0;
    outcomes.forEach((result, i) => {
      const origin = cases[i];
      if ("refused" in result || origin === undefined) return;
      seen += 1;
      try {
        check(result, origin);
      } catch (error) {
        throw new Error(`${JSON.stringify(origin)}\n${JSON.stringify(result.steps)}`, {
          cause: error,
        });
      }
    });
    assert.ok(seen > CASES / 10, `only ${seen} of ${CASES} were planned`);
  };

  it("applying twice is nothing", () => {
    each(({ again }) => {
      assert.deepEqual(again, []);
    });
  });

  it("no upgrade skips a minor version, of Kubernetes or of Kubespray", () => {
    each(({ states }, { recorded }) => {
      let last = recorded;
      for (const state of states) {
        for (const key of ["kubernetesVersion", "kubespray"] as const) {
          // What another hand installed has no Kubespray version to go from.
          if (last[key] === null || state[key] === null) continue;
          const jump = minor(state[key]) - minor(last[key]);
          assert.ok(jump === 0 || jump === 1, `${key} jumps by ${jump}`);
        }
        last = { ...recorded, ...state };
      }
    });
  });

  it("a removal takes one member, never the first nor the last of etcd or of the control plane", () => {
    each(({ steps, states }, { recorded, wanted }) => {
      steps.forEach((one, i) => {
        if (one.playbook !== "remove-node.yml") return;
        // What joins again with new roles is not asked for: it stays in the configuration.
        const node = String(one.extra.node);
        if (wanted.machines[node] === undefined) assert.equal(wanted.allowRemoval, true);
        else assert.deepEqual(recorded.machines[node]?.roles, ["worker"]);
        const machines = (i === 0 ? recorded : states[i - 1])?.machines ?? {};
        const after = states[i]?.machines ?? {};
        assert.equal(Object.keys(machines).length - Object.keys(after).length, 1);
        for (const role of ["etcd", "control-plane"]) {
          const members = Object.entries(machines).filter(([, m]) => m.roles.includes(role));
          const [first] = members;
          assert.notEqual(one.extra.node, first?.[0]);
          assert.ok(Object.values(after).some((m) => m.roles.includes(role)));
        }
      });
    });
  });

  it("a snapshot comes first wherever something is removed or upgraded", () => {
    each(({ steps }, { wanted }) => {
      const disruptive = steps.some((s) =>
        ["remove-node.yml", "upgrade-cluster.yml"].includes(s.playbook),
      );
      assert.equal(steps[0]?.playbook === "snapshot", disruptive && wanted.snapshot.enabled);
    });
  });

  it("a limit is always preceded by a look at all machines", () => {
    each(({ steps }) => {
      steps.forEach((one, i) => {
        if (one.limit.length > 0) {
          assert.ok(steps.slice(0, i).some((s) => s.playbook === "playbooks/facts.yml"));
        }
      });
    });
  });

  it("a machine that is away is neither added nor removed nor forgotten", () => {
    each(({ steps, states }, { recorded, wanted }) => {
      const last = (states.at(-1) ?? recorded).machines;
      for (const [name, machine] of Object.entries(wanted.machines)) {
        if (!machine.offline) continue;
        assert.equal(name in last, name in recorded.machines);
        assert.ok(!steps.some((s) => s.joining.includes(name)));
      }
    });
  });
});
