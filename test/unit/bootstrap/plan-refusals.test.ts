import assert from "node:assert/strict";
import { homelabState, machineState, planOne, recordOf } from "./clusters";

describe("a change of the cluster is refused", () => {
  const before = homelabState();
  const refusal = (wanted: ReturnType<typeof homelabState>): [string, string] => {
    const result = planOne(recordOf(before), wanted);
    assert.ok("refused" in result, JSON.stringify(result));
    return [result.refused, result.advice];
  };

  it("where it skips a minor version, with the path to take", () => {
    const [cause, advice] = refusal(homelabState({ kubernetesVersion: "1.36.1" }));
    assert.equal(cause, "from Kubernetes 1.34.2 to 1.36.1 skips a minor version");
    assert.equal(advice, "go one minor version at a time, one `up` each: 1.35, 1.36");
  });

  it("if the version is older", () => {
    assert.match(refusal(homelabState({ kubernetesVersion: "1.34.1" }))[0], /is older/);
  });

  it("where it removes a machine and that is not allowed", () => {
    const machines = { maple: machineState(["control-plane", "etcd"]) };
    assert.match(refusal(homelabState({ machines }))[1], /allowRemoval/);
  });

  it("where it takes the first control plane away", () => {
    const machines = { other: machineState(["control-plane", "etcd"]) };
    assert.match(refusal(homelabState({ machines, allowRemoval: true }))[0], /maple is the first/);
  });

  it("where a control plane gets other roles", () => {
    const machines = { ...before.machines, maple: machineState(["control-plane"]) };
    const other = { ...machines, other: machineState(["etcd"]) };
    assert.match(refusal(homelabState({ machines: other }))[1], /install a new system on maple/);
  });

  it("where etcd grows from one member, as the second has a vote before it runs", () => {
    const [second, third] = [0, 1].map(() => machineState(["control-plane", "etcd"]));
    assert.ok(second && third);
    const [cause, advice] = refusal(
      homelabState({ machines: { ...before.machines, second, third } }),
    );
    assert.match(cause, /^until second runs etcd would have no majority: 1 of 2 members run/);
    assert.match(advice, /cannot grow from one member/);
  });

  it("where it changes the cluster's networks", () => {
    const networks = { podCidr: "10.1.0.0/16", serviceCidr: "10.96.0.0/12" };
    assert.match(refusal(homelabState({ networks }))[1], /cannot change under a running cluster/);
  });
});
