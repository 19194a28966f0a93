import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { machineName } from "../../../../scripts/init/asked";
import { type InventoryHost, readInventory } from "../../../../scripts/init/inventory/inventory";
import { type InventoryArgs, inventoryMachines } from "../../../../scripts/init/inventory/machines";
import { expandRanges } from "../../../../scripts/init/inventory/ranges";

const INI = `
# The house
lonely.lan:2222

[kube_control_plane]
masternode ansible_host=192.168.4.63  # always on

[kube_node]
node[01:03:2].lan ansible_user="ops team" rack='a b' # two of them
big-[a:b]   ansible_host=192.168.4.9

[etcd:children]
kube_control_plane

[k8s_cluster:children]
kube_control_plane
kube_node

[k8s_cluster:vars]
ansible_user = jjbly
note = a # is a part; of "it"

[kube_node:vars]
ansible_port=2022
`;

const YAML = `
all:
  vars: { ansible_user: jjbly, ansible_port: 22 }
  hosts:
    lonely.lan: { ansible_port: 2222 }
  children:
    k8s_cluster:
      vars: { note: outer, zone: here }
      children:
        kube_control_plane: { hosts: { masternode: { ansible_host: 192.168.4.63 } } }
        kube_node:
          vars: { note: inner }
          hosts:
            node[01:02]: null
            masternode: {}
`;

describe("an Ansible inventory", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vmstation-inventory-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function put(name: string, text: string): string {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  function hostsOf(name: string, text: string): Map<string, InventoryHost> {
    return new Map(readInventory(put(name, text)).map((host) => [host.name, host]));
  }

  it("in INI: ranges, ports, quotation marks, comments, children and their variables", () => {
    const hosts = hostsOf("hosts", INI);
    assert.deepEqual([...hosts.keys()].sort(), [
      "big-a",
      "big-b",
      "lonely.lan",
      "masternode",
      "node01.lan",
      "node03.lan",
    ]);
    assert.deepEqual(hosts.get("lonely.lan")?.variables, { ansible_port: "2222" });
    assert.deepEqual(hosts.get("masternode")?.variables, {
      ansible_host: "192.168.4.63",
      ansible_user: "jjbly",
      note: 'a # is a part; of "it"',
    });
    assert.deepEqual(hosts.get("node03.lan")?.variables, {
      ...{ ansible_user: "ops team", rack: "a b", ansible_port: "2022" },
      note: 'a # is a part; of "it"',
    });
    assert.deepEqual([...(hosts.get("masternode")?.groups ?? [])].sort(), [
      "etcd",
      "k8s_cluster",
      "kube_control_plane",
    ]);
  });

  it("in YAML: the same, inner groups before outer ones and the host before both", () => {
    const hosts = hostsOf("hosts.yml", YAML);
    assert.deepEqual([...hosts.keys()].sort(), ["lonely.lan", "masternode", "node01", "node02"]);
    const common = { ansible_user: "jjbly", ansible_port: 22 };
    assert.deepEqual(hosts.get("node02")?.variables, { ...common, note: "inner", zone: "here" });
    assert.deepEqual(hosts.get("lonely.lan")?.variables, { ...common, ansible_port: 2222 });
    assert.ok(hosts.get("masternode")?.groups.has("kube_node"));
    assert.ok(hosts.get("masternode")?.groups.has("all"));
  });

  it("takes the files beside it: group_vars, host_vars, folders of them, and no vault", () => {
    put(
      "group_vars/all.yml",
      "ansible_user: everybody\nzone: all\nkey: !vault |\n  $ANSIBLE_VAULT;1\n",
    );
    put("group_vars/kube_node/main.yml", "zone: nodes\n");
    put("group_vars/kube_node/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n6132\n");
    put("host_vars/node01.lan", "zone: own\nansible_port: 1\n");
    const hosts = hostsOf("hosts", INI);
    const zone = (name: string): unknown => hosts.get(name)?.variables.zone;
    assert.deepEqual(["masternode", "big-a", "node01.lan"].map(zone), ["all", "nodes", "own"]);
    assert.equal(hosts.get("lonely.lan")?.variables.ansible_user, "everybody");
    assert.equal(hosts.get("node01.lan")?.variables.ansible_port, 1);
  });

  it("is refused with its line or its group where it makes no sense", () => {
    const refused =
      (name: string, text: string): (() => unknown) =>
      () =>
        readInventory(put(name, text));
    assert.throws(refused("a", "[x:hosts]\n"), /a:1: \[GROUP\].* is accepted: \[x:hosts\]/);
    assert.throws(refused("b", "[x:vars]\n\nnonsense\n"), /b:3: KEY=VALUE is accepted: nonsense/);
    assert.throws(
      refused("b", "[x]\nhost stray\n"),
      /b:2: HOST KEY=VALUE… is accepted: host stray/,
    );
    assert.throws(refused("c", "[x:children]\ny\n"), /x has the child y, which is no group/);
    assert.throws(
      refused("d", "[x:children]\ny\n[y:children]\nx\n[x]\na\n"),
      /among its own children/,
    );
    assert.throws(refused("e.yml", "all: { hosts: [a, b] }\n"), /all\.hosts is no map/);
    assert.throws(refused("f.yml", "- a\n"), /is no inventory/);
    assert.throws(() => readInventory(join(folder, "none")), /There is no .*none/);
    assert.throws(() => readInventory(folder), /is a folder/);
  });

  function machines(name: string, text: string, more: Partial<InventoryArgs> = {}) {
    const hosts = readInventory(put(name, text));
    return inventoryMachines({
      ...{ file: name, hosts, user: "me", controlPlanes: [], sleepers: [], only: [] },
      resolve: (host) => Promise.resolve(/^[\d.]+$/.test(host) ? host : undefined),
      ...more,
    });
  }

  it("becomes machines: roles by Kubespray's groups, no others, and who sleeps as told", async () => {
    const text = `${INI}\n[storage_nodes]\nbig-a\n`;
    const ports = text
      .replace("lonely.lan", "lonely")
      .replace("node[01:03:2].lan", "n[1:1] ip=10.0.0.1");
    const found = await machines("hosts", ports.replace("big-[a:b]", "big-a"), {
      sleepers: ["big-a"],
    });
    assert.deepEqual(
      found.map((m) => [m.name, m.address, m.port, m.user, m.roles.join("+"), m.sleeps, m.label]),
      [
        ["masternode", "192.168.4.63", 22, "jjbly", "control-plane+etcd", false, undefined],
        ["n1", "10.0.0.1", 2022, "ops team", "worker", false, undefined],
        ["big-a", "192.168.4.9", 2022, "jjbly", "worker", true, "storage"],
      ],
    );
  });

  it("without Kubernetes' groups needs to be told the control plane, and takes every host", async () => {
    const plain =
      "[monitoring_nodes]\nMaster_Node.lan ansible_host=10.0.0.1\n[compute]\nb ansible_host=10.0.0.2\n";
    await assert.rejects(
      machines("a", plain),
      /name it with --control-plane, one of master-node, b\./,
    );
    const found = await machines("a", plain, { controlPlanes: ["master-node"] });
    assert.deepEqual(
      found.map(({ name, user, roles, label }) => [name, user, roles.join("+"), label]),
      [
        ["master-node", "me", "control-plane+etcd", "monitoring"],
        ["b", "me", "worker", "compute"],
      ],
    );
    const only = await machines("a", plain, { controlPlanes: ["b"], only: ["b"] });
    assert.deepEqual(
      only.map(({ name }) => name),
      ["b"],
    );
  });

  it("is refused where a name, an address or a value is not plain", async () => {
    const told = { controlPlanes: ["a"] };
    await assert.rejects(machines("a", "a\n", told), /a has no IPv4 address .*set ansible_host/);
    const template = "a ansible_host='{{ secret }}'\n";
    await assert.rejects(machines("a", template, told), /template where a plain value is needed/);
    const nobody = { ...told, user: undefined };
    await assert.rejects(
      machines("a", "a ansible_host=10.0.0.1\n", nobody),
      /name them with --user/,
    );
    const twice = "a.x ansible_host=10.0.0.1\na.y ansible_host=10.0.0.2\n";
    await assert.rejects(machines("a", twice, told), /two hosts that would be named a/);
    const good = "a ansible_host=10.0.0.1\n";
    await assert.rejects(
      machines("a", good, { ...told, sleepers: ["b"] }),
      /no machine b in a: it has a/,
    );
  });
});

describe("a range of hosts", () => {
  it("counts as Ansible does: both ends, steps, leading zeros, letters, several in one name", () => {
    assert.deepEqual(expandRanges("n[08:10].lan"), ["n08.lan", "n09.lan", "n10.lan"]);
    assert.deepEqual(expandRanges("n[1:5:2]"), ["n1", "n3", "n5"]);
    assert.deepEqual(expandRanges("r[a:b]-[1:2]"), ["ra-1", "ra-2", "rb-1", "rb-2"]);
    assert.deepEqual(expandRanges("n[3:1]"), []);
    assert.deepEqual(expandRanges("plain"), ["plain"]);
  });

  it("has as many names as numbers, all different", () => {
    const number = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(number, number, (a, b) => {
        const names = expandRanges(`n[${Math.min(a, b)}:${Math.max(a, b)}]`);
        assert.equal(new Set(names).size, Math.abs(a - b) + 1);
      }),
    );
  });
});

describe("a host's name here", () => {
  it("is its first label, in lower case, without underscores", () => {
    assert.equal(machineName("Master_Node.Example.org"), "master-node");
  });
});
