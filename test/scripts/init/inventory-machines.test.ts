import assert from "node:assert/strict";
import { machineName } from "../../../scripts/verbs/init/asked";
import { readInventory } from "../../../scripts/verbs/init/inventory/inventory";
import {
  type InventoryArgs,
  inventoryMachines,
} from "../../../scripts/verbs/init/inventory/machines";
import { INI, InventoryFolder } from "./inventory-folder";

describe("the machines of an Ansible inventory", () => {
  const folder = new InventoryFolder();

  async function machines(name: string, text: string, more: Partial<InventoryArgs> = {}) {
    const inventory = readInventory(folder.put(name, text));
    const found = await inventoryMachines({
      ...{ file: name, inventory, user: "me", controlPlanes: [], etcd: [], workers: [] },
      ...{ sleepers: [], only: [] },
      resolve: (host) => Promise.resolve(/^[\d.]+$/.test(host) ? host : undefined),
      ...more,
    });
    return found;
  }

  const rolesOf = ({ machines: found }: Awaited<ReturnType<typeof machines>>): string[] =>
    found.map(({ name, roles }) => `${name} ${roles.join("+")}`);

  it("have roles by Kubespray's groups only, and sleep as the options say", async () => {
    const text = `${INI}\n[storage_nodes]\nbig-a\n`;
    const ports = text
      .replace("lonely.lan", "lonely")
      .replace("node[01:03:2].lan", "n[1:1] ip=10.0.0.1");
    const { machines: found, remarks } = await machines(
      "hosts",
      ports.replace("big-[a:b]", "big-a"),
      {
        sleepers: ["big-a"],
      },
    );
    assert.deepEqual(
      found.map((m) => [m.name, m.address, m.port, m.user, m.roles.join("+"), m.sleeps, m.label]),
      [
        ["maple", "192.168.8.63", 22, "robin", "control-plane+etcd", false, undefined],
        ["n1", "10.0.0.1", 2022, "ops team", "worker", false, undefined],
        ["big-a", "192.168.8.9", 2022, "robin", "worker", true, "storage"],
      ],
    );
    assert.deepEqual(remarks, [
      "left out, for being in no group of the cluster: lonely (--machine takes them)",
    ]);
  });

  it("know the control plane by other usual names of groups, and by any name that is given", async () => {
    const text = (controlPlane: string, workers: string): string =>
      `[${controlPlane}]\nc ansible_host=10.0.0.1\n[${workers}]\nw ansible_host=10.0.0.2\n`;
    for (const [controlPlane, workers] of [
      ["k8s_control_plane", "k8s_workers"],
      ["control-plane", "workers"],
      ["kubernetes_masters", "kubernetes_nodes"],
      ["master", "node"],
      ["rke2_servers", "rke2_agents"],
      ["server", "agent"],
    ] as const) {
      const known = await machines("a", text(controlPlane, workers));
      assert.deepEqual(rolesOf(known), ["c control-plane+etcd", "w worker"], controlPlane);
    }
    for (const other of ["salt_master", "bosses", "domain_controllers"]) {
      await assert.rejects(
        machines("a", text(other, "kube_node")),
        /--control-plane\. There are: c, w and the groups/,
      );
      const named = await machines("a", text(other, "kube_node"), { controlPlanes: [other] });
      assert.deepEqual(rolesOf(named), ["c control-plane+etcd", "w worker"], other);
    }
    const byHost = await machines("a", text("bosses", "kube_node"), {
      ...{
        controlPlanes: ["c"],
        workers: ["bosses"],
        etcd: ["kube_node"],
        sleepers: ["kube_node"],
      },
    });
    assert.deepEqual(rolesOf(byHost), ["c control-plane+worker", "w etcd+worker"]);
    assert.deepEqual(
      byHost.machines.map(({ sleeps }) => sleeps),
      [false, true],
    );
  });

  it("without Kubernetes' groups are all hosts, and the control plane must be named", async () => {
    const plain =
      "[monitoring_nodes]\nMaster_Node.lan ansible_host=10.0.0.1\n[compute]\nb ansible_host=10.0.0.2\n";
    await assert.rejects(
      machines("a", plain),
      /with --control-plane\. There are: master-node, b and the groups compute, monitoring_nodes\./,
    );
    const { machines: found } = await machines("a", plain, { controlPlanes: ["Master_Node.lan"] });
    assert.deepEqual(
      found.map(({ name, user, roles, label }) => [name, user, roles.join("+"), label]),
      [
        ["master-node", "me", "control-plane+etcd", "monitoring"],
        ["b", "me", "worker", "compute"],
      ],
    );
    const only = await machines("a", plain, { controlPlanes: ["b"], only: ["compute"] });
    assert.deepEqual(rolesOf(only), ["b control-plane+etcd"]);
  });

  it("have names of their own where hosts are addresses, or share their first label", async () => {
    const text = "[master]\n192.168.30.38\n[node]\n192.168.30.[41:42]\n";
    const found = await machines("a", text, { sleepers: ["192.168.30.41"] });
    assert.deepEqual(
      found.machines.map(({ name, address, sleeps }) => [name, address, sleeps]),
      [
        ["node-192-168-30-38", "192.168.30.38", false],
        ["node-192-168-30-41", "192.168.30.41", true],
        ["node-192-168-30-42", "192.168.30.42", false],
      ],
    );
    const shared =
      "[master]\na.x ansible_host=10.0.0.1\na.y ansible_host=10.0.0.2\nb.x ansible_host=10.0.0.3\n";
    const named = await machines("a", shared);
    assert.deepEqual(
      named.machines.map(({ name }) => name),
      ["a-x", "a-y", "b"],
    );
  });

  it("are refused, all at once, where a name, an address or a value is not plain", async () => {
    const told = { controlPlanes: ["a"] };
    await assert.rejects(machines("a", "a\n", told), /a has no IPv4 address: .*Set ansible_host/);
    const many = "a ansible_host='{{ secret }}'\nb ansible_host=10.0.0.2 ansible_port=abc\nc\n";
    await assert.rejects(machines("a", many, told), {
      message:
        "a: a: ansible_host is a template ({{ secret }}): write the value itself\n" +
        'a: b: ansible_port must be a port from 1 to 65535, found "abc"\n' +
        "a: c has no IPv4 address: c cannot be resolved. Set ansible_host.",
    });
    const sealed = "all: { hosts: { a: { ansible_host: 10.0.0.1, ansible_user: !vault x } } }\n";
    await assert.rejects(machines("a", sealed, told), /ansible_user is encrypted by Ansible Vault/);
    const nobody = { ...told, user: undefined };
    await assert.rejects(machines("a", "a ansible_host=10.0.0.1\n", nobody), /or use --user/);
    const twice = "a_b ansible_host=10.0.0.1\na-b ansible_host=10.0.0.2\n";
    await assert.rejects(machines("a", twice, told), /would both be named a-b\./);
    const good = "a ansible_host=10.0.0.1\n";
    await assert.rejects(
      machines("a", good, { ...told, sleepers: ["b"] }),
      /a has no host and no group b\. It has a/,
    );
  });
});

describe("a host's name here", () => {
  it("is its first label, in lower case, without underscores; an address is whole", () => {
    assert.equal(machineName("Master_Node.Example.org"), "master-node");
    assert.equal(machineName("192.168.8.61"), "node-192-168-8-61");
    assert.equal(machineName("_nas_"), "nas");
  });
});
