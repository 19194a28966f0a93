import assert from "node:assert/strict";
import * as fc from "fast-check";
import { bootstrapSchema } from "../../../components/bootstrap/config";
import { knownToKubespray } from "../../../components/bootstrap/kubespray/config";
import { METHOD_NAMES, withNeeded } from "../../support/methods";
import { kubernetes, kubespray } from "../../../components/versions";

function problems(value: unknown): [string, string][] {
  const parsed = bootstrapSchema.safeParse(value);
  return (parsed.error?.issues ?? []).map((issue) => [issue.path.join("."), issue.message]);
}

describe("the bootstrap's configuration", () => {
  it("is Kubespray with the pinned version, refusing what is there, where nothing is said", () => {
    const config = bootstrapSchema.parse(undefined);
    assert.equal(config.method, "kubespray");
    assert.equal(config.existing, "refuse");
    assert.equal(config.allowRemoval, false);
    assert.equal(config.kubernetesVersion, kubernetes.version);
    assert.equal(config.maxPods, 110);
    assert.deepEqual([config.addons.helm, config.addons.metricsServer], [true, true]);
    assert.ok(knownToKubespray(kubernetes.version));
  });

  it("is never without encryption by RKE2, which cannot be without", () => {
    assert.equal(bootstrapSchema.parse({ method: "rke2" }).encryption, true);
    assert.deepEqual(problems({ method: "rke2", encryption: false }), [
      ["encryption", "true: RKE2 always encrypts Secrets"],
    ]);
    for (const method of ["kubespray", "kubeadm"]) {
      assert.equal(bootstrapSchema.parse({ method }).encryption, false);
    }
  });

  it("means the same to every method, as far as it names no method's own keys", () => {
    const common = fc.record(
      {
        existing: fc.constantFrom("refuse", "adopt", "reset"),
        allowRemoval: fc.boolean(),
        maxPods: fc.integer({ min: 16, max: 500 }),
        apiServerSans: fc.array(fc.constantFrom("192.168.8.63", "cluster.vmstation.local")),
        addons: fc.record({ helm: fc.boolean() }),
        audit: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(common, (settings) => {
        const [first, ...others] = METHOD_NAMES.map((method) => {
          const config = bootstrapSchema.parse(withNeeded(method, settings));
          const { existing, allowRemoval, maxPods, apiServerSans, audit, reserves } = config;
          const { helm, metricsServer } = config.addons;
          return {
            existing,
            allowRemoval,
            maxPods,
            apiServerSans,
            audit,
            reserves,
            helm,
            metricsServer,
          };
        });
        for (const other of others) assert.deepEqual(other, first);
      }),
    );
  });

  it("accepts a Kubernetes version exactly where the pinned Kubespray installs it", () => {
    const parts = fc.tuple(fc.integer({ min: 29, max: 40 }), fc.integer({ min: 0, max: 15 }));
    fc.assert(
      fc.property(parts, ([minor, patch]) => {
        const kubernetesVersion = `1.${minor}.${patch}`;
        const expected = patch <= (kubespray.newestPatch[minor] ?? -1);
        assert.equal(problems({ method: "kubespray", kubernetesVersion }).length === 0, expected);
      }),
    );
    assert.deepEqual(problems({ method: "kubespray", kubernetesVersion: "1.36.0" }), [
      [
        "kubernetesVersion",
        "a version that Kubespray v2.31.0 installs: 1.33.0 to 1.33.11, 1.34.0 to 1.34.7, 1.35.0 to 1.35.4",
      ],
    ]);
  });

  it("asks for digests where kubeadm is to install a version that is not pinned", () => {
    const value = { method: "kubeadm", kubernetesVersion: "1.36.0" };
    assert.deepEqual(problems(value), [
      ["checksums", "digests of kubeadm, kubelet and kubectl 1.36.0 (those of 1.35.4 are pinned)"],
    ]);
    const digest = "0".repeat(64);
    const checksums = { kubeadm: digest, kubelet: digest, kubectl: digest };
    assert.deepEqual(problems({ ...value, checksums }), []);
  });

  it("refuses a further setting that another key says, or that is the program's own", () => {
    const kubelet = { maxPods: 60, cgroupDriver: "cgroupfs", failCgroupV1: false };
    assert.deepEqual(problems({ method: "kubeadm", kubelet, kubeProxy: { mode: "ipvs" } }), [
      ["kubelet.maxPods", "set by vmstation:bootstrap.maxPods"],
      ["kubelet.cgroupDriver", "no setting that VMStation itself makes"],
      ["kubeProxy.mode", "no setting that VMStation itself makes"],
    ]);
    assert.deepEqual(problems({ method: "kubeadm", containerd: "oom_score = 1" }), [
      ["containerd", 'settings in TOML, with the line "version = 3"'],
    ]);
  });

  it("says what it accepts", () => {
    assert.deepEqual(problems({ method: "k8s" }), [
      ["method", "method kubespray, k3s, kubeadm or rke2"],
    ]);
    assert.deepEqual(problems({ method: "rke2", apiServerPort: 8443 }), [
      ["apiServerPort", "6443, which is fixed in RKE2"],
    ]);
    assert.deepEqual(problems({ method: "kubespray", kubernetesVersion: 1.35 }), [
      ["kubernetesVersion", "a Kubernetes version such as 1.35.4 (quoted in YAML)"],
    ]);
    assert.deepEqual(
      problems({ method: "kubeadm", addons: { nodeLocalDns: true } }).map(([path]) => path),
      ["addons"],
    );
    assert.deepEqual(problems({ method: "kubespray", sources: { files: "https://mirror/ a" } }), [
      ["sources.files", "a URL without a trailing slash"],
    ]);
  });
});
