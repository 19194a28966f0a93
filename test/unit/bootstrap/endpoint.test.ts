import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { createEndpoint } from "../../../components/bootstrap/bootstrap";
import {
  renderKeepalived,
  routerId,
} from "../../../components/bootstrap/endpoint/render-keepalived";
import { endpointStep } from "../../../components/bootstrap/endpoint/step";
import { renderJoin, renderInit } from "../../../components/bootstrap/kubeadm/render-config";
import { renderUpgradeKubeconfig } from "../../../components/bootstrap/kubeadm/render-upgrade";
import {
  renderAgent as renderK3sAgent,
  renderServer as renderK3sServer,
} from "../../../components/bootstrap/k3s/render-config";
import { variableGroups } from "../../../components/bootstrap/kubespray/render-wanted";
import { methodOf } from "../../../components/bootstrap/methods";
import { renderAgent, renderServer } from "../../../components/bootstrap/rke2/render-config";
import { renderFirewall } from "../../../components/node/firewall-step";
import { nodeContextOf } from "../../../stacks/node-context";
import { chooseSeed, countCases } from "../../support/cases";
import { Sandbox } from "../../support/sandbox";
import { homelabSite } from "../../support/site";
import { named, type Recorded } from "../../support/mocks";
import { recordStack } from "../../support/stack";
import { argsOf, clusterArgs, machineNamed, THREE_CONTROL_PLANES, type Method } from "./sites";

const ADDRESS = "192.168.8.9";
const endpoint = { address: ADDRESS };
const SECRETS = { token: "t", caHash: "sha256:00", certificateKey: "k" };

function withAddress<M extends Method>(method: M) {
  return argsOf(method, { endpoint }, ...THREE_CONTROL_PLANES);
}

const hasKeepalived = spawnSync("keepalived", ["--version"]).error === undefined;
/** keepalived refuses an interface that is not there, and the loopback one. */
const nic = (existsSync("/sys/class/net") ? readdirSync("/sys/class/net") : []).find(
  (name) => name !== "lo",
);

describe("the API server's virtual address", () => {
  it("is in a configuration that keepalived itself accepts, whatever names and addresses there are", function () {
    if (!hasKeepalived || nic === undefined) {
      console.log(
        `      pending: ${hasKeepalived ? "no network interface here" : "no keepalived on the PATH"}`,
      );
      this.skip();
    }
    this.timeout(60_000);
    const sandbox = new Sandbox();
    sandbox.write("check.sh", "#!/bin/sh\n");
    spawnSync("chmod", ["755", sandbox.at("check.sh")]);
    const ipv4 = fc.tuple(fc.integer({ min: 1, max: 254 }), fc.integer({ min: 0, max: 255 }));
    const address = ipv4.map(([last, third]) => `10.20.${third}.${last}`);
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,60}[a-z0-9]$/);
    const machine = fc.record({ name, address });
    fc.assert(
      fc.property(
        fc.uniqueArray(machine, {
          minLength: 2,
          maxLength: 7,
          selector: (one) => one.address,
        }),
        address,
        ([first, ...peers], virtual) => {
          if (first === undefined || [first, ...peers].some((one) => one.address === virtual))
            return;
          const check = [sandbox.at("check.sh"), virtual, "6443"];
          const wanted = { address: virtual, interface: nic, machine: first, peers, check };
          sandbox.write("keepalived.conf", renderKeepalived(wanted));
          const ran = spawnSync(
            "keepalived",
            ["--config-test", `--use-file=${sandbox.at("keepalived.conf")}`],
            { encoding: "utf8" },
          );
          assert.equal(`${ran.status} ${ran.stderr}${ran.stdout}`.trim(), "0");
        },
      ),
      { numRuns: countCases(8), seed: chooseSeed() },
    );
    sandbox.remove();
  });

  it("has a VRRP number that VRRP has", () => {
    assert.deepEqual(["192.168.8.9", "10.0.0.0", "10.0.0.255"].map(routerId), [9, 1, 255]);
  });

  it("is held by control planes alone, each of which knows the others", () => {
    const args = withAddress("kubeadm");
    const api = methodOf(args.config).endpoint;
    assert.ok(api);
    const steps = ["maple", "second"].map((name) =>
      endpointStep(args, endpoint, api, machineNamed(args.machines, name)),
    );
    const configs = steps.map(({ files }) => files?.find(({ path }) => path.endsWith(".conf")));
    for (const [i, config] of configs.entries()) {
      const peers = /unicast_peer \{\n([^}]*)\}/.exec(config?.content ?? "")?.[1]?.trim();
      assert.equal(peers?.split(/\s+/).length, 2, `${i}`);
      assert.match(config?.content ?? "", / 192\.168\.8\.9\/32 dev /);
    }
    // Only the machine that makes the cluster may hold it before there is an API server.
    assert.match(configs[0]?.content ?? "", /check-api\.sh 192\.168\.8\.9 6443 first /);
    assert.match(configs[1]?.content ?? "", /check-api\.sh 192\.168\.8\.9 6443 other /);
  });

  it("is what kubeadm's machines reach the API server by", () => {
    const args = withAddress("kubeadm");
    const { controller } = args;
    const config = JSON.stringify(renderInit(args, controller));
    assert.match(config, /"controlPlaneEndpoint":"192\.168\.8\.9:6443"/);
    assert.match(config, /"certSANs":\["192\.168\.\d+\.\d+","192\.168\.8\.9"\]/);
    const worker = machineNamed(args.machines, "hazel");
    const join = JSON.stringify(renderJoin(args, controller, worker, SECRETS));
    assert.match(join, /"apiServerEndpoint":"192\.168\.8\.9:6443"/);
    const upgrade = JSON.stringify(renderUpgradeKubeconfig(args, controller, "t"));
    assert.match(upgrade, /"server":"https:\/\/192\.168\.8\.9:6443"/);
  });

  it("is where RKE2's and K3s's machines register, and in their certificates", () => {
    const rke2 = withAddress("rke2");
    const { controller } = rke2;
    const second = machineNamed(rke2.machines, "second");
    const hazel = machineNamed(rke2.machines, "hazel");
    const url = "https://192.168.8.9:9345";
    assert.equal(renderServer(rke2, controller, second, "t").server, url);
    assert.equal(renderAgent(rke2, controller, hazel, "t").server, url);
    assert.equal(renderServer(rke2, controller, controller, "t").server, undefined);
    const k3s = withAddress("k3s");
    const tokens = { server: "s", agent: "a" };
    assert.equal(renderK3sServer(k3s, second, tokens).server, "https://192.168.8.9:6443");
    assert.equal(renderK3sAgent(k3s, hazel, tokens).server, "https://192.168.8.9:6443");
    for (const machine of [controller, second]) {
      for (const sans of [
        renderServer(rke2, controller, machine, "t")["tls-san"],
        renderK3sServer(k3s, machine, tokens)["tls-san"],
      ]) {
        assert.deepEqual(sans, [controller.address, ADDRESS]);
      }
    }
  });

  it("is Kubespray's external balancer, without which each worker has one of its own", () => {
    const variables = (args: ReturnType<typeof withAddress<"kubespray">>) =>
      variableGroups(args).cluster?.variables;
    const found = variables(withAddress("kubespray"));
    assert.deepEqual(found?.loadbalancer_apiserver, { address: ADDRESS, port: 6443 });
    assert.equal(found.loadbalancer_apiserver_localhost, false);
    const without = variables(argsOf("kubespray", {}, ...THREE_CONTROL_PLANES));
    assert.equal(without?.loadbalancer_apiserver, undefined);
    assert.equal(without?.loadbalancer_apiserver_localhost, true);
  });

  it("is let through between the control planes, and needs keepalived there alone", () => {
    const site = homelabSite(...THREE_CONTROL_PLANES, [["bootstrap", "endpoint"], endpoint]);
    const context = nodeContextOf(site);
    const rules = (name: string) => renderFirewall(machineNamed(site.machines, name), context);
    const rule = /ip saddr @machines ip protocol vrrp accept comment "virtual address"/;
    assert.match(rules("maple"), rule);
    assert.doesNotMatch(rules("hazel"), rule);
    const packages = site.facts.packages.filter(({ debian }) => debian.includes("keepalived"));
    assert.deepEqual(
      packages.map(({ machines }) => [...machines].sort()),
      [["maple", "second", "third"]],
    );
    assert.doesNotMatch(JSON.stringify(homelabSite(...THREE_CONTROL_PLANES).facts), /keepalived/);
  });

  describe("in the plan", () => {
    let graph: Recorded[];
    before(async () => {
      graph = await recordStack(
        homelabSite(...THREE_CONTROL_PLANES, [["bootstrap"], { method: "kubeadm", endpoint }]),
      );
    });

    it("is on every control plane before the cluster's first step, and what clients are given", () => {
      const own = graph.filter(({ name }) => name.startsWith("bootstrap-endpoint-"));
      assert.deepEqual(own.map(({ name }) => name).sort(), [
        "bootstrap-endpoint-maple",
        "bootstrap-endpoint-second",
        "bootstrap-endpoint-third",
      ]);
      const first = named(graph, "bootstrap-install-maple");
      for (const { name } of own) {
        assert.ok(JSON.stringify(first.dependencies).includes(name), name);
      }
      const kubeconfig = String(named(graph, "bootstrap-kubeconfig").inputs.stdin);
      assert.match(kubeconfig, /https:\/\/192\.168\.8\.9:6443/);
    });
  });

  it("adds nothing to a stack without it", () => {
    const args = clusterArgs({}, ...THREE_CONTROL_PLANES);
    assert.equal(createEndpoint(args), undefined);
  });
});
