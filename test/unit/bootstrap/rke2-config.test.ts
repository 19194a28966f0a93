import assert from "node:assert/strict";
import { parse } from "yaml";
import { z } from "zod";
import { renderChartConfigs, renderServer } from "../../../components/bootstrap/rke2/render-config";
import { renderOrigin, rke2Step } from "../../../components/bootstrap/rke2/steps";
import { argsOf, machineNamed } from "./sites";
import { ofKind } from "./documents";

const kubeadm = argsOf("kubeadm");
const rke2 = argsOf("rke2");
const controller = machineNamed(kubeadm.machines, "maple");
const worker = machineNamed(kubeadm.machines, "hazel");

describe("RKE2's configuration", () => {
  it("is a server's on the first control plane, with nothing to register with", () => {
    const config = renderServer(rke2, controller, controller, "t");
    assert.equal(config.server, undefined);
    assert.equal(config["cluster-cidr"], "10.244.0.0/16");
    assert.equal(config["service-cidr"], "10.96.0.0/12");
    assert.equal(config["cluster-dns"], rke2.network.clusterDns);
    assert.equal(config.cni, "calico");
    assert.deepEqual(config["tls-san"], ["192.168.8.63"]);
    assert.deepEqual(config["kube-proxy-arg"], [
      "proxy-mode=nftables",
      "metrics-bind-address=0.0.0.0:10249",
    ]);
    assert.deepEqual(config["kubelet-arg"], [
      "max-pods=110",
      "system-reserved=cpu=500m,memory=512Mi",
      "kube-reserved=cpu=100m,memory=256Mi",
    ]);
  });

  it("is an agent's on a worker, registered with the first server, its token kept", () => {
    const step = rke2Step(rke2, controller, worker, "t0ken");
    assert.equal(step.settings?.SERVICE, "rke2-agent");
    const config = step.files?.find((file) => file.path === "/etc/rancher/rke2/config.yaml");
    assert.ok(config);
    assert.deepEqual([config.mode, config.secret], ["0600", true]);
    const agent = z.record(z.string(), z.unknown()).parse(parse(config.content));
    assert.equal(agent.server, "https://192.168.8.63:9345");
    assert.equal(agent.token, "t0ken");
    assert.equal(agent.cni, undefined);
    const others = { ...step, files: step.files?.filter((file) => file !== config) };
    assert.ok(!JSON.stringify(others).includes("t0ken"));
  });

  it("tells RKE2's Calico chart to use IP-in-IP and BGP", () => {
    const chart = ofKind(renderChartConfigs(rke2), "HelmChartConfig");
    const { valuesContent } = z.object({ valuesContent: z.string() }).parse(chart.spec);
    const values = z
      .object({
        installation: z.object({
          calicoNetwork: z.looseObject({
            bgp: z.string(),
            ipPools: z.array(z.looseObject({ encapsulation: z.string() })),
          }),
        }),
      })
      .parse(parse(valuesContent));
    assert.equal(values.installation.calicoNetwork.bgp, "Enabled");
    assert.deepEqual(
      values.installation.calicoNetwork.ipPools.map((pool) => pool.encapsulation),
      ["IPIP"],
    );
  });

  it("restarts the service for what it reads, and for nothing else", () => {
    const intent = (settings: Readonly<Record<string, unknown>>) => {
      const step = rke2Step(argsOf("rke2", settings), controller, controller, "t");
      return [step.settings?.INTENT, step.settings?.DIGEST];
    };
    const [read, whole] = intent({});
    assert.notEqual(intent({ audit: true })[0], read);
    assert.notEqual(
      intent({ sources: { registryMirrors: { "docker.io": ["http://m.lan"] } } })[0],
      read,
    );
    const policy = intent({ existing: "refuse" });
    assert.deepEqual([policy[0] === read, policy[1] === whole], [true, false]);
  });

  it("comes from the release of that version", () => {
    assert.equal(
      renderOrigin(rke2),
      "https://github.com/rancher/rke2/releases/download/v1.35.4%2Brke2r1",
    );
  });
});
