import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { z } from "zod";
import { type InventoryHost, readInventory } from "../../../scripts/verbs/init/inventory/inventory";
import { expandRanges } from "../../../scripts/verbs/init/inventory/ranges";
import { INI, InventoryFolder } from "./inventory-folder";

const YAML = `
all:
  vars: { ansible_user: robin, ansible_port: 22 }
  hosts:
    lonely.lan: { ansible_port: 2222 }
  children:
    k8s_cluster:
      vars: { note: outer, zone: here }
      children:
        kube_control_plane: { hosts: { maple: { ansible_host: 192.168.8.63 } } }
        kube_node:
          vars: { note: inner }
          hosts:
            node[01:02]: null
            maple: {}
`;

describe("an Ansible inventory", () => {
  const folder = new InventoryFolder();

  function hostsOf(name: string, text: string): Map<string, InventoryHost> {
    return new Map(readInventory(folder.put(name, text)).hosts.map((host) => [host.name, host]));
  }

  const variablesOf = (host: InventoryHost | undefined): object =>
    Object.fromEntries(host?.variables ?? []) as object;

  it("in INI: ranges, ports, quotation marks, comments, children and their variables", () => {
    const hosts = hostsOf("hosts", INI);
    assert.deepEqual([...hosts.keys()].sort(), [
      "big-a",
      "big-b",
      "lonely.lan",
      "maple",
      "node01.lan",
      "node03.lan",
    ]);
    assert.deepEqual(variablesOf(hosts.get("lonely.lan")), { ansible_port: 2222 });
    assert.deepEqual(variablesOf(hosts.get("maple")), {
      ansible_host: "192.168.8.63",
      ansible_user: "robin",
      note: 'a # is a part; of "it"',
    });
    assert.deepEqual(variablesOf(hosts.get("node03.lan")), {
      ...{ ansible_user: "ops team", rack: "a b", ansible_port: 2022 },
      note: 'a # is a part; of "it"',
    });
    assert.deepEqual([...(hosts.get("maple")?.groups ?? [])].sort(), [
      ...["all", "etcd", "k8s_cluster", "kube_control_plane"],
    ]);
  });

  it("in YAML: the same, inner groups before outer ones and the host before both", () => {
    const hosts = hostsOf("hosts.yml", YAML);
    assert.deepEqual([...hosts.keys()].sort(), ["lonely.lan", "maple", "node01", "node02"]);
    const common = { ansible_user: "robin", ansible_port: 22 };
    assert.deepEqual(variablesOf(hosts.get("node02")), { ...common, note: "inner", zone: "here" });
    assert.deepEqual(variablesOf(hosts.get("lonely.lan")), { ...common, ansible_port: 2222 });
    assert.ok(hosts.get("maple")?.groups.has("kube_node"));
    assert.ok(hosts.get("maple")?.groups.has("all"));
  });

  it("in YAML without an extension, and with merge keys, is read as what it is", () => {
    const text = `
all:
  vars:
    defaults: &defaults { ansible_user: ops, ansible_port: 2222 }
  hosts:
    node1: { <<: *defaults, ansible_host: 192.168.1.10 }
    node2: { ansible_port: 22, <<: *defaults }
`;
    const hosts = hostsOf("hosts", text);
    const { defaults, ...own } = z
      .record(z.string(), z.unknown())
      .parse(variablesOf(hosts.get("node1")));
    assert.deepEqual(own, {
      ansible_user: "ops",
      ansible_port: 2222,
      ansible_host: "192.168.1.10",
    });
    assert.ok(defaults instanceof Map);
    assert.equal(hosts.get("node2")?.variables.get("ansible_port"), 22);
  });

  it("reads an INI value as Python would, and leaves a comment behind it out", () => {
    const text = `
[all:vars]
ansible_port = 2222   # moved off 22
ansible_user='ops'  # the deploy user
plain = ops # is all text
list = [1, 'two', None]
octal = 0644
address = 10.0.0.1
  [all]
  node1
`;
    assert.deepEqual(variablesOf(hostsOf("hosts.ini", text).get("node1")), {
      ...{ ansible_port: 2222, ansible_user: "ops", plain: "ops # is all text" },
      ...{ list: [1, "two", null], octal: "0644", address: "10.0.0.1" },
    });
  });

  it("takes the files beside it: group_vars and host_vars, or the first folder of that name", () => {
    folder.put("group_vars/all.yml", "ansible_user: everybody\nzone: all\n");
    folder.put("group_vars/kube_node/main.yml", "zone: nodes\n");
    folder.put("group_vars/kube_node/sub/more.yml", "more: 1\n");
    folder.put("group_vars/kube_node/sub.d/never.yml", "never: 1\n");
    folder.put("group_vars/kube_node.yml", "zone: hidden by the folder\n");
    folder.put("host_vars/node01.lan", "zone: own\nansible_port: 1\n");
    const hosts = hostsOf("hosts", INI);
    const zone = (name: string): unknown => hosts.get(name)?.variables.get("zone");
    assert.deepEqual(["maple", "big-a", "node01.lan"].map(zone), ["all", "nodes", "own"]);
    assert.equal(hosts.get("lonely.lan")?.variables.get("ansible_user"), "everybody");
    assert.equal(hosts.get("node01.lan")?.variables.get("ansible_port"), 1);
    assert.equal(hosts.get("big-a")?.variables.get("more"), 1);
    assert.equal(hosts.get("big-a")?.variables.get("never"), undefined);
  });

  it("prefers a file to the inventory, for the outermost group as well", () => {
    folder.put("group_vars/all.yml", "ansible_user: ops\n");
    const text = "[kube_node]\nnode2\n[kube_node:vars]\nansible_user=olduser\n";
    assert.equal(hostsOf("hosts.ini", text).get("node2")?.variables.get("ansible_user"), "ops");
  });

  it("may be a folder, of which Ansible leaves .ini files out: that is said", () => {
    folder.put("inventory/10-first", "[kube_node]\na\n");
    folder.put("inventory/20-more.yml", "kube_node: { hosts: { b: {} } }\n");
    folder.put("inventory/old.ini", "c\n");
    folder.put("inventory/group_vars/kube_node.yml", "x: 1\n");
    const { hosts, remarks } = readInventory(join(folder.path, "inventory"));
    assert.deepEqual(
      hosts.map(({ name, variables }) => [name, variables.get("x")]),
      [
        ["a", 1],
        ["b", 1],
      ],
    );
    assert.match(
      remarks.join("\n"),
      /old\.ini is not read: Ansible leaves \.ini .* --from .*old\.ini/,
    );
    folder.put("empty/hosts.ini", "a\n");
    assert.throws(
      () => readInventory(join(folder.path, "empty")),
      /has no hosts\.\n.*hosts\.ini is not read/,
    );
  });

  it("names what it does not read, and what to do: programs, plugins, vaults, byte-order marks", () => {
    const refused = (name: string, text: string, expected: RegExp): void => {
      assert.throws(() => readInventory(folder.put(name, text)), expected, name);
    };
    refused(
      "ec2.py",
      "#!/usr/bin/env python3\n",
      /is a program.*ansible-inventory -i .*ec2\.py --list --yaml/,
    );
    refused(
      "aws.yml",
      "plugin: amazon.aws.aws_ec2\n",
      /the inventory plugin amazon\.aws\.aws_ec2\. Plugins are not run/,
    );
    refused("h.toml", "[all.hosts]\n", /is a TOML file, which cannot be read/);
    refused("vault", "$ANSIBLE_VAULT;1.1;AES256\n6132\n", /is encrypted by Ansible Vault/);
    refused("mark.ini", "\ufeff[a]\nb\n", /begins with a byte-order mark/);
    writeFileSync(folder.put("latin", ""), Buffer.from("a ansible_user=\xe9\n", "latin1"));
    assert.throws(() => readInventory(join(folder.path, "latin")), /is not UTF-8 text/);
    folder.put("group_vars/all/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n6132\n");
    refused("hosts", INI, /group_vars\/all\/vault\.yml is encrypted .* use --without-vault\./);
    const file = folder.put("hosts", INI);
    assert.equal(readInventory(file, { withoutVault: true }).hosts.length, 6);
  });

  it("says which keys of a group it skips", () => {
    const file = folder.put("hosts.yml", "all:\n  host: { a: {} }\n  hosts: { b: {} }\n");
    assert.match(
      readInventory(file).remarks.join(),
      /host of the group all is skipped: hosts, children/,
    );
  });

  it("is refused with its line or its group if it is malformed", () => {
    const refused =
      (name: string, text: string): (() => unknown) =>
      () =>
        readInventory(folder.put(name, text));
    assert.throws(refused("a", "[x:odd]\n"), /a:1: expected \[GROUP\].*: \[x:odd\]/);
    assert.throws(refused("b", "[x]\n[x:vars]\n\nnonsense\n"), /b:4: expected KEY=VALUE: nonsense/);
    assert.throws(refused("b", "[x]\nhost stray\n"), /b:2: expected HOST KEY=VALUE…: host stray/);
    assert.throws(refused("b", "[x:vars]\na=1\n"), /b:1: \[x:vars\] needs a section \[x\]/);
    assert.throws(
      refused("c", "[x:children]\ny\n"),
      /c:2: x has the child y, which is not a group/,
    );
    assert.throws(refused("d", "[x:children]\ny\n[y:children]\nx\n[x]\na\n"), /contains itself/);
    assert.throws(refused("e.yml", "all: { hosts: [a, b] }\n"), /all\.hosts is a list: write each/);
    assert.throws(
      refused("f.yml", "- a\n"),
      /is not an inventory: it must be a map of groups, found a list/,
    );
    assert.throws(
      refused("g.yml", "all: { hosts: { 10: {} } }\n"),
      /name must be text: put it in quotes/,
    );
    const anchors = "all: { vars: { a: &x 1, b: &x 2 }, hosts: { c: {} } }\n";
    assert.throws(refused("h.yml", anchors), /h\.yml:1: the anchor &x is there more than once/);
    assert.throws(() => readInventory(join(folder.path, "none")), /There is no .*none/);
  });
});

describe("a range of hosts", () => {
  it("counts as Ansible does: both ends, steps, leading zeros, letters, several in one name", () => {
    assert.deepEqual(expandRanges("n[08:10].lan"), ["n08.lan", "n09.lan", "n10.lan"]);
    assert.deepEqual(expandRanges("n[1:5:2]"), ["n1", "n3", "n5"]);
    assert.deepEqual(expandRanges("r[a:b]-[1:2]"), ["ra-1", "ra-2", "rb-1", "rb-2"]);
    assert.deepEqual(expandRanges("n[3:1]"), []);
    assert.deepEqual(expandRanges("n[:2]"), ["n0", "n1", "n2"]);
    assert.throws(() => expandRanges("n[1:]"), /n\[1:\]: a range needs its last value/);
    assert.throws(() => expandRanges("n[01:10:0]"), /a range's step is a number, not 0/);
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
