import assert from "node:assert/strict";
import * as fc from "fast-check";
import { parse } from "yaml";
import { z } from "zod";
import { addonMachines } from "../../../components/bootstrap/addon-machines";
import {
  inventoryOrder,
  renderInventory,
  renderKnownHosts,
  type InventoryMachine,
} from "../../../components/bootstrap/kubespray/render-inventory";
import { renderWanted } from "../../../components/bootstrap/kubespray/render-wanted";
import { HOME, inventoryFiles } from "../../../components/bootstrap/kubespray/steps";
import type { Machine } from "../../../components/node/machine";
import { python } from "./python";
import { argsOf, THREE_CONTROL_PLANES, type ArgsOf } from "./sites";

/** A file of the inventory, parsed. */
function fileOf(args: ArgsOf<"kubespray">, name: string): unknown {
  const found = inventoryFiles(args).find((file) => file.path === `${HOME}/inventory/${name}`);
  assert.ok(found, name);
  return parse(found.content);
}

const variables = (args: ArgsOf<"kubespray">, group: string) =>
  z.record(z.string(), z.unknown()).parse(fileOf(args, `group_vars/all/${group}.yml`));

/** The inventory that run.py writes when it installs the cluster from nothing. */
function pythonInventory(args: ArgsOf<"kubespray">): unknown {
  return python(
    `
import inventory
from plan_steps import plan
first = plan(None, given)[0]
answer = inventory.render(inventory.machines_of(None, first, given))
`,
    renderWanted(args),
  );
}

describe("Kubespray's inventory", () => {
  it("puts the homelab's machines in their groups, with labels, taints and resolvers", () => {
    const args = argsOf("kubespray");
    const inventory = renderInventory(
      inventoryOrder(args.machines, "maple"),
      addonMachines(args.config, args.machines),
    );
    assert.deepEqual(inventory.all.children, {
      kube_control_plane: { hosts: { maple: {} } },
      etcd: { hosts: { maple: {} } },
      kube_node: { hosts: { hazel: {}, spruce: {} } },
      k8s_cluster: { children: { kube_control_plane: {}, kube_node: {} } },
    });
    assert.deepEqual(inventory.all.hosts.maple, {
      ansible_host: "192.168.8.63",
      ansible_port: 22,
      ansible_user: "robin",
      ansible_python_interpreter: "/usr/bin/python3",
      ip: "192.168.8.63",
      access_ip: "192.168.8.63",
      node_labels: { "vmstation.io/role": "monitoring", "vmstation.io/addons": "true" },
      node_taints: ["node-role.kubernetes.io/control-plane:NoSchedule"],
      upstream_dns_servers: ["8.8.8.8", "1.1.1.1"],
    });
    assert.equal(inventory.all.hosts.hazel?.node_labels["vmstation.io/addons"], undefined);
  });

  it("is the same whether TypeScript describes it or run.py runs it", () => {
    for (const args of [argsOf("kubespray"), argsOf("kubespray", {}, ...THREE_CONTROL_PLANES)]) {
      assert.deepEqual(pythonInventory(args), fileOf(args, "hosts.yaml"));
    }
  });

  it("has the controller first, then the others by name", () => {
    const { machines } = argsOf("kubespray", {}, ...THREE_CONTROL_PLANES);
    fc.assert(
      fc.property(fc.shuffledSubarray([...machines], { minLength: machines.length }), (any) => {
        assert.deepEqual(
          inventoryOrder(any, "second").map((m) => m.name),
          ["second", "hazel", "maple", "spruce", "third"],
        );
      }),
    );
  });

  it("pins host keys as ssh looks them up", () => {
    const [machine] = argsOf("kubespray").machines;
    assert.ok(machine);
    const at = (sshPort: number, hostKey?: string): InventoryMachine => ({
      ...machine,
      address: "10.0.0.1",
      sshPort,
      hostKey,
    });
    assert.equal(
      renderKnownHosts([at(22, "ssh-ed25519 AAAA"), at(2222, "ssh-rsa BBBB"), at(22)]),
      "10.0.0.1 ssh-ed25519 AAAA\n[10.0.0.1]:2222 ssh-rsa BBBB\n",
    );
  });

  it("is read back from YAML unchanged, with any labels", () => {
    const [machine] = argsOf("kubespray").machines;
    assert.ok(machine);
    const value = fc.constantFrom("true", "no", "1", "0x1f", "1e3", "", "null", "a.b-c_d", "~");
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("a", "vmstation.io/b"), value), (labels) => {
        const args = argsOf("kubespray");
        const roles: Machine["roles"] = ["control-plane", "etcd"];
        const changed = { ...args, machines: [{ ...machine, roles, labels }] };
        const hosts = z
          .object({
            all: z.object({
              hosts: z.record(
                z.string(),
                z.looseObject({ node_labels: z.record(z.string(), z.string()) }),
              ),
            }),
          })
          .parse(fileOf(changed, "hosts.yaml")).all.hosts;
        const found = { ...hosts[machine.name]?.node_labels };
        delete found["vmstation.io/addons"];
        assert.deepEqual(found, { ...labels });
      }),
      { numRuns: 30 },
    );
  });
});

describe("Kubespray's variables", () => {
  it("are nftables throughout where RHEL 10 is among the machines, and only there", () => {
    const mixed = argsOf("kubespray");
    assert.equal(variables(mixed, "cluster").kube_proxy_mode, "nftables");
    assert.equal(variables(mixed, "calico").calico_nftable_mode, "Enabled");
    const debian = argsOf("kubespray", {}, [["machines", "hazel", "os"], "debian-12"]);
    assert.equal(variables(debian, "cluster").kube_proxy_mode, "iptables");
    assert.equal(variables(debian, "calico").calico_nftable_mode, "Disabled");
  });

  it("are IP-in-IP with BGP, never VXLAN, with the API server of Calico", () => {
    assert.deepEqual(variables(argsOf("kubespray"), "calico"), {
      calico_ipip_mode: "Always",
      calico_vxlan_mode: "Never",
      calico_network_backend: "bird",
      calico_nftable_mode: "Enabled",
      calico_mtu: 1480,
      calico_veth_mtu: 1480,
      calico_apiserver_enabled: true,
      calico_policy_controller_deployment_nodeselector: 'vmstation.io/addons: "true"',
      nat_outgoing: true,
      typha_enabled: false,
    });
  });

  it("carry networks, ports that are scraped, reserves and what is kept of one DNS replica", () => {
    const args = argsOf("kubespray");
    const cluster = variables(args, "cluster");
    assert.equal(cluster.kube_pods_subnet, "10.244.0.0/16");
    assert.equal(cluster.kube_service_addresses, "10.96.0.0/12");
    assert.equal(cluster.skydns_server, args.network.clusterDns);
    assert.equal(cluster.kube_proxy_metrics_bind_address, "0.0.0.0:10249");
    assert.equal(cluster.resolvconf_mode, "host_resolvconf");
    assert.deepEqual(variables(args, "etcd"), { etcd_metrics_port: 2381 });
    assert.equal(variables(args, "kubelet").system_memory_reserved, "512Mi");
    assert.equal(variables(args, "kubelet").kube_memory_reserved, "256Mi");
    const addons = variables(args, "addons");
    assert.equal(addons.dns_min_replicas, 1);
    assert.deepEqual([addons.helm_enabled, addons.metrics_server_enabled], [true, true]);
    assert.deepEqual(
      ["cert_manager_enabled", "metallb_enabled", "registry_enabled"].map((name) => addons[name]),
      [false, false, false],
    );
  });

  it("put a load balancer on every worker where there are several control planes", () => {
    assert.equal(variables(argsOf("kubespray"), "cluster").loadbalancer_apiserver_localhost, false);
    const three = argsOf("kubespray", {}, ...THREE_CONTROL_PLANES);
    assert.equal(variables(three, "cluster").loadbalancer_apiserver_localhost, true);
  });

  it("take mirrors in place of the internet", () => {
    const sources = {
      files: "http://192.168.8.1:8080/files",
      registryMirrors: { "docker.io": ["http://192.168.8.1:5000"] },
    };
    const args = argsOf("kubespray", { sources });
    assert.equal(
      variables(args, "cluster").dl_k8s_io_url,
      "http://192.168.8.1:8080/files/dl.k8s.io",
    );
    assert.deepEqual(variables(args, "runtime"), {
      containerd_registries_mirrors: [
        {
          prefix: "docker.io",
          mirrors: [
            {
              host: "http://192.168.8.1:5000",
              capabilities: ["pull", "resolve"],
              skip_verify: false,
            },
          ],
        },
      ],
    });
  });

  it("let the user's own have the last word", () => {
    const args = argsOf("kubespray", { variables: { ntp_enabled: true } });
    assert.equal(variables(args, "variables").ntp_enabled, true);
  });
});
