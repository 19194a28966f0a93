import { z } from "zod";
import type { Method } from "./sites";

/** Two values that differ, of each key: what the cluster was installed with, and what the configuration says by now. */
export const SAMPLES: Readonly<Record<string, readonly [unknown, unknown]>> = {
  "network.stack": ["ipv4", "ipv4"],
  "bootstrap.existing": ["refuse", "adopt"],
  "bootstrap.resetClusterName": [undefined, "hazel"],
  "bootstrap.allowRemoval": [false, true],
  "bootstrap.controller": ["maple", "second"],
  "bootstrap.kubernetesVersion": ["1.34.7", "1.35.4"],
  "bootstrap.apiServerPort": [6443, 8443],
  "bootstrap.endpoint.address": ["192.168.4.9", "192.168.4.10"],
  "bootstrap.endpoint.interface": ["eno1", "br0"],
  "bootstrap.apiServerSans": [["a.lan"], ["a.lan", "b.lan"]],
  "bootstrap.reserves.system.cpu": ["500m", "750m"],
  "bootstrap.reserves.system.memory": ["512Mi", "1Gi"],
  "bootstrap.reserves.kube.cpu": ["100m", "200m"],
  "bootstrap.reserves.kube.memory": ["256Mi", "512Mi"],
  "bootstrap.maxPods": [110, 60],
  "bootstrap.addons.helm": [true, false],
  "bootstrap.addons.metricsServer": [true, false],
  "bootstrap.addons.certManager": [true, false],
  "bootstrap.addons.metallb": [true, false],
  "bootstrap.addons.registry": [true, false],
  "bootstrap.addons.nodeLocalDns": [true, false],
  "bootstrap.addons.traefik": [false, true],
  "bootstrap.addons.serviceLb": [false, true],
  "bootstrap.addons.localStorage": [false, true],
  "bootstrap.addonMachines": [["maple"], ["second"]],
  "bootstrap.sources.kubesprayGit": ["https://a.lan/k.git", "https://b.lan/k.git"],
  "bootstrap.sources.kubesprayCommit": ["a".repeat(40), "b".repeat(40)],
  "bootstrap.sources.pythonIndex": ["https://a.lan/simple", "https://b.lan/simple"],
  "bootstrap.sources.files": ["http://a.lan/files", "http://b.lan/files"],
  "bootstrap.sources.registryMirrors": [{ "docker.io": ["http://a.lan"] }, {}],
  "bootstrap.sources.imageDigests.pause": [undefined, `sha256:${"a".repeat(64)}`],
  "bootstrap.sources.imageDigests.metricsServer": [undefined, `sha256:${"a".repeat(64)}`],
  "bootstrap.etcdSnapshot.enabled": [true, false],
  "bootstrap.etcdSnapshot.directory": ["/srv/backups/etcd", "/srv/etcd"],
  "bootstrap.etcdSnapshot.keep": [5, 3],
  "bootstrap.audit": [true, false],
  "bootstrap.encryption": [true, false],
  "bootstrap.renewCertificates": [true, false],
  "bootstrap.resolvConf": ["host_resolvconf", "none"],
  "bootstrap.variables": [{}, { ntp_timezone: "Etc/UTC" }],
  "bootstrap.checksums.kubeadm": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.kubelet": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.kubectl": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.containerd": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.runc": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.cni": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.crictl": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.helm": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.operatorCrds": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.operator": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.k3s": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.arm64.kubeadm": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.arm64.kubelet": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.arm64.kubectl": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.arm64.containerd": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.arm64.runc": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.arm64.cni": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.arm64.crictl": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.arm64.helm": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.checksums.arm64.k3s": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.tokenSecret": ["k3sToken", "k3sOtherToken"],
  "bootstrap.agentTokenSecret": ["k3sAgentToken", "k3sOtherToken"],
  "bootstrap.kubelet": [{}, { imageGCHighThresholdPercent: 80 }],
  "bootstrap.kubeProxy": [{}, { conntrack: { min: 0 } }],
  "bootstrap.containerd": ["version = 3", "version = 3\noom_score = 1"],
  "bootstrap.ignorePreflightErrors": [[], ["Mem"]],
  "bootstrap.release": ["rke2r1", "rke2r2"],
  "bootstrap.artefactChecksum": ["a".repeat(64), "b".repeat(64)],
  "bootstrap.artefactChecksumArm64": ["a".repeat(64), "b".repeat(64)],
  "network.podCidr": ["10.244.0.0/16", "10.245.0.0/16"],
  "network.serviceCidr": ["10.96.0.0/12", "10.112.0.0/12"],
  "network.clusterDns": ["10.96.0.10", "10.96.0.11"],
  "network.encapsulation": ["IPIP", "VXLAN"],
  "network.mtu": [1480, 1400],
};

/** The schema below what says how it is left out or described. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodOptional
  ) {
    return bare(schema.unwrap());
  }
  return schema;
}

/** The dotted paths of what a user writes one by one; a list or a map of free names is one key. */
export function keysOf(schema: z.core.$ZodType, path: string): string[] {
  const inner = bare(schema);
  if (!(inner instanceof z.ZodObject)) return [path];
  const shape: Readonly<Record<string, z.core.$ZodType>> = inner.shape;
  return Object.entries(shape).flatMap(([key, value]) => keysOf(value, `${path}.${key}`));
}

/** The keys of each method's variant of a union that `method` tells apart. */
export function keysByMethod(schema: z.core.$ZodType, path: string): Record<Method, string[]> {
  const union = bare(schema);
  if (!(union instanceof z.ZodDiscriminatedUnion)) throw new Error("no union of methods");
  const methods = new Map(
    union.options.map((option) => {
      if (!(option instanceof z.ZodObject)) throw new Error("no object of keys");
      const { method } = z.object({ method: z.instanceof(z.ZodLiteral) }).parse(option.shape);
      const keys = keysOf(option, path).filter((key) => key !== `${path}.method`);
      return [method.value, keys] as const;
    }),
  );
  const of = (method: Method): string[] => methods.get(method) ?? [];
  return { kubespray: of("kubespray"), kubeadm: of("kubeadm"), rke2: of("rke2"), k3s: of("k3s") };
}
