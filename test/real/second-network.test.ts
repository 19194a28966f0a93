import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { SECOND_NETWORK, TWO_NIC_MACHINES } from "../rig/machine-spec";
import type { Machine } from "../rig/machine";
import { etcdctl } from "./cluster/etcd";
import { changesOf, type Description, upChangesNothing, upPasses } from "./cluster/lab";
import { assertPolicies, MATRIX_PODS, renderNamespaces } from "./cluster/matrix";
import { ask, startPods, WEB_PORT } from "./cluster/pods";
import { assertNodePort } from "./cluster/second-network";
import { sleepTests } from "./cluster/sleep";
import { requireLong } from "./long";
import { useReal } from "./use-real";

/** The keys of each machine, and of those that one more machine's own go over. */
function describeNetwork(own: Readonly<Record<string, object>> = {}): Description {
  const changes = TWO_NIC_MACHINES.map(({ name, second }) => {
    const keys = { clusterAddress: second?.address, clusterNic: second?.nic };
    return [name, { ...keys, ...own[name] }] as const;
  });
  const node = {
    clusterCidr: SECOND_NETWORK.cidr,
    sysctl: { "net.core.netdev_max_backlog": null },
  };
  return { changes: Object.fromEntries(changes), more: { node } };
}

const secondOf = ({ spec }: Pick<Machine, "spec">): string => spec.second?.address ?? "";

const nodesSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({
        addresses: z.array(z.object({ type: z.string(), address: z.string() })),
      }),
    }),
  ),
});

/** "10.215.0.10:2380" of `ss`' lines, which has the local address before the peer's. */
function addressesIn(lines: string, column: "local" | "peer"): string[] {
  const fields = lines
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  return [...new Set(fields.map((line) => line.at(column === "local" ? -2 : -1) ?? ""))].sort();
}

describe("a cluster by kubeadm in a network of the machines' own", function () {
  // Each test goes on with the cluster that the one before has left.
  this.bail(true);
  before(function () {
    requireLong(this);
  });
  const getReal = useReal({ machines: TWO_NIC_MACHINES });
  const friend = { namespace: "open", name: "friend" };
  let pods: Map<string, string>;
  const askStranger = (): Promise<string | undefined> => {
    const url = `http://${pods.get("stranger") ?? ""}:${String(WEB_PORT)}`;
    return ask(getReal().lab.objects, friend, url);
  };

  it("comes up by one `up`, whose validation passes", async () => {
    const { lab } = getReal();
    lab.describe(describeNetwork());
    await upPasses(lab);
  });

  it("knows its machines by their addresses there, and is asked by people over the LAN", async () => {
    const { lab, rig } = getReal();
    const { items } = nodesSchema.parse(
      JSON.parse(await lab.kubectl("get", "nodes", "-o", "json")),
    );
    const internal = items.map(({ metadata, status }) => [
      metadata.name,
      status.addresses.filter(({ type }) => type === "InternalIP").map(({ address }) => address),
    ]);
    const expected = rig.machines.map((machine) => [machine.name, [secondOf(machine)]] as const);
    assert.deepEqual(Object.fromEntries(internal), Object.fromEntries(expected));
    assert.match(
      readFileSync(lab.objects.kubeconfig, "utf8"),
      /server: https:\/\/10\.213\.0\.63:6443/,
    );
  });

  it("has etcd's peers, the API server's address and the kubelets' connections there alone", async () => {
    const { lab, rig } = getReal();
    const maple = rig.machine("maple");
    const own = secondOf(maple);
    const members = z
      .object({ members: z.array(z.object({ peerURLs: z.array(z.string()) })) })
      .parse(JSON.parse(await lab.kubectl(...etcdctl("maple", "member", "list", "-w", "json"))));
    assert.deepEqual(
      members.members.map(({ peerURLs }) => peerURLs),
      [[`https://${own}:2380`]],
    );
    const listening = async (port: number): Promise<string[]> => {
      const { stdout } = await maple.exec(`ss -Htnl sport = :${String(port)}`);
      return addressesIn(stdout, "local");
    };
    assert.deepEqual(await listening(2380), [`${own}:2380`]);
    assert.deepEqual(await listening(2379), [`${own}:2379`, "127.0.0.1:2379"].sort());
    const slice = [
      "get",
      "endpointslice",
      "kubernetes",
      "-o",
      "jsonpath={.endpoints[*].addresses[*]}",
    ];
    assert.equal(await lab.kubectl(...slice), own);
    for (const machine of ["spruce", "hazel"].map((name) => rig.machine(name))) {
      const { stdout } = await machine.exec("ss -Htn state established dport = :6443");
      assert.deepEqual(addressesIn(stdout, "peer"), [`${own}:6443`], machine.name);
      for (const local of addressesIn(stdout, "local"))
        assert.ok(local.startsWith(`${secondOf(machine)}:`), `${machine.name}: ${local}`);
    }
  });

  // After all other tests, as mocha has it: the cluster goes with its pods.
  describe("its pods", () => {
    before(async () => {
      const { objects } = getReal().lab;
      for (const object of renderNamespaces()) await objects.apply(object);
      pods = await startPods(objects, MATRIX_PODS);
    });

    it("reach each other across machines, and whom the policies let them reach alone", async () => {
      assert.equal(await askStranger(), `stranger ${pods.get("friend") ?? ""}`);
      await assertPolicies(getReal().lab.objects, pods);
    });

    it("do so over the second bridge, also while the LAN's cable is out", async () => {
      const { rig } = getReal();
      const spruce = rig.machine("spruce");
      const { stdout } = await spruce.exec(`ip route get ${pods.get("stranger") ?? ""}`);
      assert.match(stdout, new RegExp(` dev ${spruce.spec.second?.nic ?? ""} `));
      await spruce.cutLink();
      try {
        assert.equal(await askStranger(), `stranger ${pods.get("friend") ?? ""}`);
      } finally {
        await spruce.restoreLink();
      }
    });

    it("answer at a NodePort of every machine to the LAN, and to nobody on the second bridge", async () => {
      await assertNodePort(getReal());
    });
  });

  it("is left alone by another `up`", async () => {
    const { lab } = getReal();
    await upChangesNothing(lab);
  });

  sleepTests(getReal);

  it("keeps each machine's address: another one is refused before anything is touched", async () => {
    const { lab, rig } = getReal();
    const hazel = rig.machine("hazel");
    const other = "10.215.0.99";
    // As somebody would who means to move it.
    await hazel.exec(`ip address add ${other}/24 dev ${hazel.spec.second?.nic ?? ""}`);
    lab.describe(describeNetwork({ hazel: { clusterAddress: other } }));
    const result = await lab.up();
    assert.deepEqual(result.names("fail"), ["preflight-hazel"], lab.output);
    assert.match(lab.output, /the cluster knows.*found 10\.215\.0\.12, expected 10\.215\.0\.99/);
    const touched = changesOf(result).filter((name) => !name.startsWith("preflight-"));
    assert.deepEqual(touched, []);
    await lab.becomesHealthy();
  });

  it("is not moved to the LAN either, which would cut its machines off from each other", async () => {
    const { lab, rig } = getReal();
    lab.describe();
    const result = await lab.up();
    const looks = rig.machines.map(({ name }) => `preflight-${name}`).sort();
    assert.deepEqual([...result.names("fail")].sort(), looks, lab.output);
    const touched = changesOf(result).filter((name) => !name.startsWith("preflight"));
    assert.deepEqual(touched, []);
    lab.describe(describeNetwork());
    await upPasses(lab);
  });
});
