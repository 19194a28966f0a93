import assert from "node:assert/strict";
import { z } from "zod";
import * as k3s from "../../../components/bootstrap/k3s/render-config";
import { renderInit, renderJoin } from "../../../components/bootstrap/kubeadm/render-config";
import {
  renderWanted,
  variableGroups,
} from "../../../components/bootstrap/kubespray/render-wanted";
import { arrivalsStep } from "../../../components/bootstrap/members";
import { apiHost } from "../../../components/bootstrap/endpoint/address";
import { renderCalicoSpec } from "../../../components/bootstrap/render-calico";
import * as rke2 from "../../../components/bootstrap/rke2/render-config";
import type { Change } from "../../support/homelab";
import { NODE_ADDRESSES, NODE_CIDR, NODE_NETWORK } from "../../support/node-network";
import { argsOf, machineNamed, THREE_CONTROL_PLANES } from "./sites";

const TOKENS = { server: "s3rver", agent: "ag3nt" };
/** On systems that all have iptables. */
const IPTABLES: readonly Change[] = [...NODE_NETWORK, [["machines", "hazel", "os"], "debian-12"]];
/** Two control planes with a virtual address. */
const ENDPOINT = { endpoint: { address: "192.168.8.9", interface: "enp2s0" } };

const documentOf = (documents: readonly object[], kind: string): object =>
  documents.find((each) => "kind" in each && each.kind === kind) ?? assert.fail(kind);

describe("a cluster in a network of the machines' own", () => {
  it("by kubeadm has its addresses, and the LAN's in the certificate alone", () => {
    const args = argsOf("kubeadm", {}, ...IPTABLES);
    const documents = renderInit(args, args.controller);
    assert.deepEqual(Reflect.get(documentOf(documents, "InitConfiguration"), "localAPIEndpoint"), {
      advertiseAddress: "10.0.0.10",
      bindPort: 6443,
    });
    const cluster = documentOf(documents, "ClusterConfiguration");
    assert.equal(Reflect.get(cluster, "controlPlaneEndpoint"), "10.0.0.10:6443");
    assert.deepEqual(Reflect.get(Object(Reflect.get(cluster, "apiServer")), "certSANs"), [
      "192.168.8.63",
    ]);
    const join = renderJoin(args, args.controller, machineNamed(args.machines, "spruce"), {
      ...{ token: "t", caHash: "sha256:00", certificateKey: "k" },
    });
    const text = JSON.stringify([...documents, join]);
    assert.ok(text.includes('{"name":"node-ip","value":"10.0.0.11"}'), text);
    assert.ok(text.includes('"apiServerEndpoint":"10.0.0.10:6443"'));
    assert.equal(text.split("192.168.8.").length, 2);
  });

  it("by K3s and RKE2 has its addresses, and tells the LAN's as the Node's external one", () => {
    const args = argsOf("k3s", {}, ...NODE_NETWORK);
    const server = k3s.renderServer(args, args.controller, TOKENS);
    const agent = k3s.renderAgent(args, machineNamed(args.machines, "spruce"), TOKENS);
    assert.equal(agent.server, "https://10.0.0.10:6443");
    const other = argsOf("rke2", {}, ...NODE_NETWORK);
    const member = machineNamed(other.machines, "spruce");
    const rke2Agent = rke2.renderAgent(other, other.controller, member, "t");
    assert.equal(rke2Agent.server, "https://10.0.0.10:9345");
    for (const config of [
      server,
      rke2.renderServer(other, other.controller, other.controller, "t"),
    ]) {
      assert.equal(config["node-ip"], "10.0.0.10");
      assert.equal(config["node-external-ip"], "192.168.8.63");
      assert.equal(config["advertise-address"], "10.0.0.10");
      assert.deepEqual(config["tls-san"], ["192.168.8.63"]);
    }
    for (const config of [agent, rke2Agent]) {
      assert.deepEqual(
        [config["node-ip"], config["node-external-ip"]],
        ["10.0.0.11", "192.168.8.61"],
      );
    }
  });

  it("by Kubespray has its addresses, and Ansible goes by the LAN", () => {
    const args = argsOf("kubespray", {}, ...NODE_NETWORK);
    const { machines } = renderWanted(args);
    for (const [name, address] of Object.entries(NODE_ADDRESSES)) {
      const vars = machines[name]?.vars ?? assert.fail(name);
      assert.deepEqual([vars.ip, vars.access_ip], [address, address]);
      assert.equal(vars.ansible_host, machineNamed(args.machines, name).address);
    }
    const { variables } = variableGroups(args)["control-plane"] ?? assert.fail();
    assert.deepEqual(variables.supplementary_addresses_in_ssl_keys, ["192.168.8.63"]);
  });

  it("has Calico look there, by its operator", () => {
    const spec = (...changes: readonly Change[]) =>
      z
        .object({ calicoNetwork: z.looseObject({}) })
        .parse(renderCalicoSpec(argsOf("k3s", {}, ...changes))).calicoNetwork
        .nodeAddressAutodetectionV4;
    assert.deepEqual(spec(...NODE_NETWORK), { cidrs: [NODE_CIDR] });
    assert.equal(spec(), undefined);
  });

  it("is reached from the LAN as before: by its kubeconfig, and at NodePorts", () => {
    assert.equal(apiHost(argsOf("k3s", {}, ...NODE_NETWORK)), "192.168.8.63:6443");
    const networks = `192.168.8.0/24,${NODE_CIDR}`;
    const args = argsOf("k3s", {}, ...NODE_NETWORK);
    const proxy = k3s.renderServer(args, args.controller, TOKENS)["kube-proxy-arg"];
    assert.deepEqual(proxy, ["proxy-mode=nftables", `nodeport-addresses=${networks}`]);
    const kubeadm = argsOf("kubeadm", {}, ...NODE_NETWORK);
    const proxies = documentOf(renderInit(kubeadm, kubeadm.controller), "KubeProxyConfiguration");
    assert.deepEqual(Reflect.get(proxies, "nodePortAddresses"), networks.split(","));
    const { variables } = variableGroups(argsOf("kubespray", {}, ...NODE_NETWORK)).cluster ?? {};
    assert.deepEqual(variables?.kube_proxy_nodeport_addresses, networks.split(","));
    // By iptables kube-proxy answers at all addresses of a machine.
    assert.doesNotMatch(
      JSON.stringify(k3s.renderServer(argsOf("k3s", {}, ...IPTABLES), args.controller, TOKENS)),
      /nodeport-addresses/,
    );
  });

  it("joins at a virtual address where it has one, which is the LAN's", () => {
    const others = ["second", "third"].flatMap((name, i): Change[] => [
      [["machines", name, "clusterAddress"], `10.0.0.2${i}`],
      [["machines", name, "clusterNic"], "enp7s0"],
    ]);
    const args = argsOf("k3s", ENDPOINT, ...NODE_NETWORK, ...THREE_CONTROL_PLANES, ...others);
    const second = k3s.renderServer(args, machineNamed(args.machines, "second"), TOKENS);
    assert.equal(second.server, "https://192.168.8.9:6443");
    assert.equal(second["advertise-address"], "10.0.0.20");
    assert.deepEqual(second["tls-san"], ["192.168.8.63", "192.168.8.70", "192.168.8.9"]);
  });

  it("knows etcd's members by their addresses there", () => {
    const args = argsOf("kubeadm", {}, ...NODE_NETWORK);
    const files = { kubectl: "kubectl", kubeconfig: "admin.conf" };
    const spec = arrivalsStep(args, { files }).files?.find((file) =>
      file.path.endsWith("members.json"),
    );
    const { machines } = z
      .object({ machines: z.record(z.string(), z.looseObject({ address: z.string() })) })
      .parse(JSON.parse(spec?.content ?? "{}"));
    assert.deepEqual(
      Object.fromEntries(Object.entries(machines).map(([name, { address }]) => [name, address])),
      NODE_ADDRESSES,
    );
  });
});
