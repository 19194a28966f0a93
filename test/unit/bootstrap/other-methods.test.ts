import assert from "node:assert/strict";
import * as fc from "fast-check";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { renderNodeLines, renderVerifySpec } from "../../../components/bootstrap/common-steps";
import { renderMetricsServer } from "../../../components/bootstrap/kubeadm/render-addons";
import { mirrored } from "../../../components/bootstrap/artefacts";
import {
  machineArtefacts,
  operatorArtefacts,
} from "../../../components/bootstrap/kubeadm/render-artefacts";
import {
  parseTaint,
  renderInit,
  renderJoin,
  type JoinSecrets,
} from "../../../components/bootstrap/kubeadm/render-config";
import {
  initStep,
  installStep,
  joinStep,
  tokenStep,
} from "../../../components/bootstrap/kubeadm/steps";
import { renderChartConfigs, renderServer } from "../../../components/bootstrap/rke2/render-config";
import { renderOrigin, rke2Step } from "../../../components/bootstrap/rke2/steps";
import { argsOf, machineNamed, THREE_CONTROL_PLANES } from "./sites";

const SECRETS = { token: "abcdef.0123456789abcdef", caHash: "sha256:00", certificateKey: "k" };
const DIGEST = "0".repeat(64);
const DIGESTS = { kubeadm: DIGEST, kubelet: DIGEST, kubectl: DIGEST };
const kubeadm = argsOf("kubeadm");
const rke2 = argsOf("rke2");
const controller = machineNamed(kubeadm.machines, "maple");
const worker = machineNamed(kubeadm.machines, "hazel");

/** The document of that kind, as a loose object. */
function ofKind(documents: readonly object[], kind: string): Record<string, unknown> {
  const found = documents.find((d) => z.looseObject({ kind: z.string() }).parse(d).kind === kind);
  assert.ok(found, kind);
  return z.record(z.string(), z.unknown()).parse(found);
}

describe("kubeadm's configuration", () => {
  it("is v1beta4, with the cluster's networks, and no token that outlives the installation", () => {
    const documents = renderInit(kubeadm, controller);
    const init = ofKind(documents, "InitConfiguration");
    assert.equal(init.apiVersion, "kubeadm.k8s.io/v1beta4");
    assert.deepEqual(init.bootstrapTokens, []);
    const cluster = ofKind(documents, "ClusterConfiguration");
    assert.equal(cluster.kubernetesVersion, "v1.35.4");
    assert.equal(cluster.controlPlaneEndpoint, "192.168.8.63:6443");
    assert.deepEqual(cluster.networking, {
      podSubnet: "10.244.0.0/16",
      serviceSubnet: "10.96.0.0/12",
      dnsDomain: "cluster.local",
    });
    assert.deepEqual(cluster.apiServer, {
      certSANs: ["192.168.8.63"],
      extraArgs: [],
      extraVolumes: [],
    });
    const kubelet = ofKind(documents, "KubeletConfiguration");
    assert.deepEqual(kubelet.systemReserved, { cpu: "500m", memory: "512Mi" });
    assert.deepEqual(kubelet.clusterDNS, [kubeadm.network.clusterDns]);
    assert.equal(ofKind(documents, "KubeProxyConfiguration").mode, "nftables");
  });

  it("has the further settings of the configuration, and the checks that may fail", () => {
    const settings = {
      kubelet: { failCgroupV1: false },
      kubeProxy: { conntrack: { min: 0 } },
      ignorePreflightErrors: ["SystemVerification"],
    };
    const further = argsOf("kubeadm", settings);
    const documents = renderInit(further, controller);
    assert.equal(ofKind(documents, "KubeletConfiguration").failCgroupV1, false);
    assert.deepEqual(ofKind(documents, "KubeProxyConfiguration").conntrack, { min: 0 });
    const registrations = [
      ofKind(documents, "InitConfiguration"),
      renderJoin(further, controller, worker, SECRETS),
    ];
    for (const registration of registrations)
      assert.match(
        JSON.stringify(registration),
        /"ignorePreflightErrors":\["SystemVerification"\]/,
      );
    for (const step of [
      initStep(further, controller, undefined),
      joinStep(further, controller, worker, SECRETS, undefined),
    ])
      assert.deepEqual(step.settings?.IGNORED, ["SystemVerification"]);
  });

  it("brings containerd what the configuration adds, and leaves the file there without it", () => {
    const file = (containerd?: string): string | undefined =>
      installStep(argsOf("kubeadm", { containerd }), worker, false).files?.find(
        ({ path }) => path === "/etc/containerd/conf.d/vmstation.toml",
      )?.content;
    assert.equal(file(), "version = 3\n");
    assert.equal(file("version = 3\noom_score = 1\n"), "version = 3\noom_score = 1\n");
  });

  it("gives a machine the token to drain itself by, and makes another for another version", () => {
    const kubeconfig = (secrets: JoinSecrets) =>
      joinStep(kubeadm, controller, worker, secrets, undefined).files?.find(({ path }) =>
        path.endsWith("/upgrade.kubeconfig"),
      );
    assert.equal(kubeconfig(SECRETS), undefined, "what an earlier version has printed");
    const file = kubeconfig({ ...SECRETS, upgradeToken: "drain-me" });
    assert.deepEqual([file?.mode, file?.secret], ["0600", true]);
    assert.match(file?.content ?? "", /token: drain-me/);
    const token = (version: string): unknown =>
      tokenStep(argsOf("kubeadm", { kubernetesVersion: version, checksums: DIGESTS }), [worker])
        .settings;
    assert.notDeepEqual(token("1.35.4"), token("1.36.0"));
  });

  it("checks files and images by the digests of a mirror's own", () => {
    const own = "e".repeat(64);
    const names = ["kubelet", "containerd", "runc", "cni", "crictl", "helm"];
    const { config } = argsOf("kubeadm", {
      checksums: Object.fromEntries(
        [...names, "operatorCrds", "operator"].map((name) => [name, own]),
      ),
    });
    const files = [...machineArtefacts(config), ...operatorArtefacts(config)];
    assert.equal(files.filter(({ sha256 }) => sha256 === own).length, 8);
    const images = argsOf("kubeadm", {
      sources: { imageDigests: { pause: `sha256:${own}`, metricsServer: `sha256:${own}` } },
    });
    const pod = JSON.stringify(renderVerifySpec(images));
    assert.match(pod, new RegExp(`registry.k8s.io/pause:3.10.1@sha256:${own}`));
    const metrics = JSON.stringify(renderMetricsServer(images));
    assert.match(metrics, new RegExp(`metrics-server:v[0-9.]+@sha256:${own}`));
  });

  it("names a file for each option of the API server that needs one, and brings it", () => {
    const hardened = argsOf("kubeadm", { audit: true, encryption: true });
    const step = initStep(hardened, controller, "c2VjcmV0");
    const paths = (step.files ?? []).map((file) => file.path);
    const text = JSON.stringify(renderInit(hardened, controller));
    for (const name of ["audit-policy.yaml", "encryption.yaml"]) {
      assert.ok(paths.includes(`/etc/vmstation/kubeadm/${name}`), name);
      assert.ok(text.includes(`"hostPath":"/etc/vmstation/kubeadm/${name}"`), name);
    }
    const key = step.files?.find((file) => file.path.endsWith("encryption.yaml"));
    assert.deepEqual([key?.secret, key?.mode], [true, "0600"]);
  });

  it("lets a worker join by token and CA, a control plane by the certificates' key as well", () => {
    const joined = z.looseObject({ discovery: z.unknown(), controlPlane: z.unknown().optional() });
    const asWorker = joined.parse(renderJoin(kubeadm, controller, worker, SECRETS));
    assert.deepEqual(asWorker.discovery, {
      bootstrapToken: {
        apiServerEndpoint: "192.168.8.63:6443",
        token: SECRETS.token,
        caCertHashes: ["sha256:00"],
      },
    });
    assert.equal(asWorker.controlPlane, undefined);
    const three = argsOf("kubeadm", {}, ...THREE_CONTROL_PLANES);
    const second = machineNamed(three.machines, "second");
    assert.deepEqual(joined.parse(renderJoin(three, controller, second, SECRETS)).controlPlane, {
      localAPIEndpoint: { advertiseAddress: "192.168.8.70", bindPort: 6443 },
      certificateKey: "k",
    });
  });

  it("keeps the token in a file that only root reads and no diff shows", () => {
    const { files = [] } = joinStep(kubeadm, controller, worker, SECRETS, undefined);
    const holding = files.filter((file) => file.content.includes(SECRETS.token));
    assert.deepEqual(
      holding.map((file) => [file.path, file.mode, file.secret]),
      [["/etc/vmstation/kubeadm/join.yaml", "0600", true]],
    );
  });

  it("reads a taint back as it was written", () => {
    const label = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(
        label,
        fc.option(label),
        fc.constantFrom("NoSchedule", "NoExecute"),
        (key, value, effect) => {
          const text = `example.org/${key}${value === null ? "" : `=${value}`}:${effect}`;
          assert.deepEqual(parseTaint(text), {
            key: `example.org/${key}`,
            ...(value === null ? {} : { value }),
            effect,
          });
        },
      ),
    );
  });

  it("writes manifests that are valid YAML, Calico first with IP-in-IP", () => {
    const { files = [] } = initStep(kubeadm, controller, undefined);
    const manifests = files.filter((file) => file.path.includes("/manifests/"));
    assert.deepEqual(
      manifests.map((file) => file.path.split("/").at(-1)),
      ["05-upgrade.yaml", "30-calico.yaml", "40-metrics-server.yaml"],
    );
    for (const file of manifests) {
      for (const document of parseAllDocuments(file.content)) assert.deepEqual(document.errors, []);
    }
    assert.match(manifests[1]?.content ?? "", /encapsulation: IPIP/);
  });
});

describe("what kubeadm installs", () => {
  it("has a digest each, and comes from the mirror where there is one", () => {
    const config = argsOf("kubeadm", { sources: { files: "http://mirror:80/files" } }).config;
    for (const artefact of [...machineArtefacts(config), ...operatorArtefacts(config)]) {
      assert.match(artefact.sha256, /^[0-9a-f]{64}$/);
      assert.ok(artefact.url.startsWith("http://mirror:80/files/"), artefact.url);
    }
    assert.equal(mirrored("https://dl.k8s.io/a", undefined), "https://dl.k8s.io/a");
    assert.equal(mirrored("https://dl.k8s.io/a", "http://m"), "http://m/dl.k8s.io/a");
  });
});

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

describe("labels and taints", () => {
  it("are those of the configuration, of machines that are there", () => {
    assert.deepEqual(
      renderNodeLines(argsOf("rke2", {}, [["machines", "hazel", "offline"], true])),
      [
        "label maple vmstation.io/role=monitoring",
        "label maple vmstation.io/addons=true",
        "taint maple node-role.kubernetes.io/control-plane:NoSchedule",
        "label spruce vmstation.io/role=storage",
        "label spruce vmstation.io/media-server=true",
        "label spruce jellyfin.vmstation.io/preferred=true",
      ],
    );
  });
});
