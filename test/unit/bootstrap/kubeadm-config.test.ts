import assert from "node:assert/strict";
import * as fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { renderVerifySpec } from "../../../components/bootstrap/common-steps";
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
import { argsOf, machineNamed, THREE_CONTROL_PLANES } from "./sites";
import { ofKind } from "./documents";

const SECRETS = { token: "abcdef.0123456789abcdef", caHash: "sha256:00", certificateKey: "k" };
const DIGEST = "0".repeat(64);
const DIGESTS = { kubeadm: DIGEST, kubelet: DIGEST, kubectl: DIGEST };
const kubeadm = argsOf("kubeadm");
const controller = machineNamed(kubeadm.machines, "maple");
const worker = machineNamed(kubeadm.machines, "hazel");

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
