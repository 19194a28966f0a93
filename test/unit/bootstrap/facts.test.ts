import assert from "node:assert/strict";
import {
  bootstrapFacts,
  existingPolicy,
  validateBootstrap,
} from "../../../components/bootstrap/facts";
import type { FirewallRule } from "../../../components/shared/facts";
import { homelabSite } from "../../support/site";
import type { Change } from "../../support/homelab";
import { clusterArgs, THREE_CONTROL_PLANES, type Method } from "./sites";

const factsOf = (
  method: Method,
  settings: Record<string, unknown> = {},
  ...changes: readonly Change[]
) => {
  const args = clusterArgs({ method, ...settings }, ...changes);
  return bootstrapFacts(args.config, args);
};

/** "6443/tcp": who may connect to it on that machine. */
function openOn(
  machine: string,
  rules: readonly FirewallRule[] | undefined,
): Record<string, string> {
  const open = (rules ?? [])
    .filter((rule) => rule.machines.includes(machine))
    .flatMap((rule) =>
      (rule.ports ?? ["-"]).map(
        (port) => [`${port}/${rule.protocol}`, rule.from.join(" ")] as const,
      ),
    );
  assert.equal(new Set(open.map(([key]) => key)).size, open.length, "nothing is listed twice");
  return Object.fromEntries(open);
}

describe("what the bootstrap asks of the machines", () => {
  it("opens on the control plane what Kubernetes and Calico need, each to those who use it", () => {
    assert.deepEqual(openOn("maple", factsOf("kubespray").firewall), {
      "6443/tcp": "lan machines pods",
      "2379-2380/tcp": "machines",
      "2381/tcp": "machines pods",
      "10257/tcp": "machines pods",
      "10259/tcp": "machines pods",
      "10249-10256/tcp": "machines pods",
      "179/tcp": "machines",
      "-/ipip": "machines",
    });
  });

  it("opens on a worker only kubelet, kube-proxy and Calico", () => {
    assert.deepEqual(openOn("hazel", factsOf("kubespray").firewall), {
      "10249-10256/tcp": "machines pods",
      "179/tcp": "machines",
      "-/ipip": "machines",
    });
  });

  it("opens for Calico what its encapsulation takes, and no more", () => {
    const calico = (encapsulation: string) => {
      const { firewall } = factsOf("kubespray", {}, [["network", "encapsulation"], encapsulation]);
      const open = Object.keys(openOn("hazel", firewall));
      return open.filter((port) => /ipip|179|4789/.test(port));
    };
    assert.deepEqual(calico("IPIP"), ["179/tcp", "-/ipip"]);
    assert.deepEqual(calico("IPIPCrossSubnet"), ["179/tcp", "-/ipip"]);
    assert.deepEqual(calico("VXLAN"), ["4789/udp"]);
    assert.deepEqual(calico("VXLANCrossSubnet"), ["4789/udp"]);
    assert.deepEqual(calico("None"), ["179/tcp"]);
  });

  it("opens what the other methods add: Typha, and RKE2's registration", () => {
    assert.equal(openOn("hazel", factsOf("kubeadm").firewall)["5473/tcp"], "machines");
    const rke2 = factsOf("rke2").firewall;
    assert.equal(openOn("maple", rke2)["9345/tcp"], "machines");
    assert.equal(openOn("hazel", rke2)["9345/tcp"], undefined);
  });

  it("opens DNS to pods only where every machine has a cache of it", () => {
    const facts = factsOf("kubespray", { addons: { nodeLocalDns: true } });
    assert.equal(openOn("hazel", facts.firewall)["53/udp"], "pods");
    assert.equal(openOn("hazel", factsOf("kubespray").firewall)["53/udp"], undefined);
  });

  it("counts what is kept back from pods as memory in use, on every machine", () => {
    const memory = factsOf("kubespray", { reserves: { system: { memory: "1Gi" } } }).memory ?? [];
    assert.deepEqual(
      memory.filter((use) => use.machine === "maple").map((use) => [use.path, use.bytes]),
      [
        ["bootstrap.reserves.system.memory", 2 ** 30],
        ["bootstrap.reserves.kube.memory", 2 ** 28],
        ["bootstrap.addonMachines", 600 * 2 ** 20],
        ["bootstrap.addons.metricsServer", 200 * 2 ** 20],
      ],
    );
    assert.equal(memory.length, 8);
  });

  it("counts the cluster's own pods where there is one place for them, by what the method sets", () => {
    const own = (method: Method, settings: object = {}): string[] =>
      (factsOf(method, { ...settings }).memory ?? [])
        .filter((use) => !use.path.includes("reserves"))
        .map(({ user, machine, bytes }) => `${user} on ${machine}: ${bytes / 2 ** 20}`);
    assert.deepEqual(own("kubeadm"), [
      "CoreDNS, two of it on maple: 340",
      "metrics-server on maple: 400",
    ]);
    assert.deepEqual(own("kubeadm", { addons: { metricsServer: false } }).length, 1);
    assert.deepEqual(own("rke2"), []);
    const everywhere = clusterArgs({ method: "kubeadm" });
    const awake = everywhere.machines.map((each) => ({ ...each, sleeps: false }));
    const { memory = [] } = bootstrapFacts(everywhere.config, { ...everywhere, machines: awake });
    assert.ok(memory.every((use) => use.path.includes("reserves")));
  });

  it("needs Ansible's tools on the controller only", () => {
    const needs = factsOf("kubespray").packages ?? [];
    const machines = needs.filter((need) => need.debian.includes("python3-venv"));
    assert.deepEqual(
      machines.map((need) => need.machines),
      [["maple"]],
    );
  });

  it("gives preflight the policy for a cluster that is there, and where ours is recorded", () => {
    const policy = existingPolicy(clusterArgs().config);
    assert.equal(policy.existing, "adopt");
    assert.equal(policy.record, "/var/lib/vmstation/bootstrap/recorded.json");
    assert.ok(policy.marks.includes("/etc/kubernetes/admin.conf"));
  });
});

describe("the controller", () => {
  const { lan } = homelabSite().config;
  it("is a control plane, where it is named", () => {
    const { machines } = clusterArgs({}, ...THREE_CONTROL_PLANES);
    const wrong = clusterArgs({ controller: "hazel" });
    assert.deepEqual(validateBootstrap(wrong.config, { machines, lan }), [
      {
        path: "bootstrap.controller",
        found: '"hazel"',
        accepted: "a machine with the role control-plane",
      },
    ]);
  });

  it("add-ons on a machine that sleeps are a problem", () => {
    const { machines, config } = clusterArgs({ addonMachines: ["maple", "hazel"] });
    assert.deepEqual(
      validateBootstrap(config, { machines, lan }).map((p) => p.path),
      ["bootstrap.addonMachines[1]"],
    );
  });
});
