import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir } from "node:fs/promises";
import path from "node:path";
import {
  bootstrapImages,
  kubernetes,
  rancherReleases,
  releaseOf,
} from "../../../components/versions";
import { filePath, imagePath, sha256Of } from "../../../scripts/kit/mirror/folder";
import type { RealLab } from "../cluster/lab";
import { KUBEADM_COREDNS } from "../mirror/contents";
import { EARLIER } from "../parts/modules";

/** A K3s of the pinned version. The version to upgrade from lies beside it, under the same name with its own number. */
const K3S = process.env.K3S_BIN ?? "";

const RELEASE = releaseOf(rancherReleases.k3s);
const VERSIONS = [EARLIER, kubernetes.version];

/** Where the program of a version is on this host. */
function programOf(version: string): string {
  const name = path.basename(K3S).replace(kubernetes.version, version);
  return path.join(path.dirname(K3S), name);
}

/** Why K3s cannot run on this host, in one line; undefined where it can. */
export function whyNoK3s(): string | undefined {
  if (K3S === "") return "K3S_BIN names no K3s (test/real/README.md)";
  for (const version of VERSIONS) {
    const wanted = `v${version}+${RELEASE}`;
    const file = programOf(version);
    if (!existsSync(file)) return `K3S_BIN: there is no ${file}`;
    const { stdout } = spawnSync(file, ["--version"], { encoding: "utf8" });
    if (!stdout.includes(` ${wanted} `)) return `K3S_BIN: ${file} is not ${wanted}`;
  }
  return undefined;
}

/** The images that K3s brings by itself: scripts/airgap/image-list.txt of its sources. */
const IMAGES: Readonly<Record<string, string>> = {
  "docker.io/rancher/mirrored-pause:3.6": `${bootstrapImages.pause.repository}:${bootstrapImages.pause.tag}`,
  "docker.io/rancher/mirrored-coredns-coredns:1.13.1": `registry.k8s.io/coredns/coredns:${KUBEADM_COREDNS}`,
  "docker.io/rancher/mirrored-metrics-server:v0.8.0": `${bootstrapImages.metricsServer.repository}:${bootstrapImages.metricsServer.tag}`,
};

/** Those that no list of this program's names. */
export const K3S_IMAGES = Object.keys(IMAGES).map((image) => image.slice(0, image.indexOf(":")));

/** Adds to a mirror what K3s fetches beside Calico. */
export async function addK3s(mirror: string): Promise<void> {
  for (const version of VERSIONS) {
    const release = encodeURIComponent(`v${version}+${RELEASE}`);
    const url = `https://github.com/k3s-io/k3s/releases/download/${release}/k3s`;
    const file = path.join(mirror, filePath(url));
    await mkdir(path.dirname(file), { recursive: true });
    await copyFile(programOf(version), file);
  }
  for (const [wanted, there] of Object.entries(IMAGES))
    await cp(path.join(mirror, imagePath(there)), path.join(mirror, imagePath(wanted)), {
      recursive: true,
    });
}

/** The section `bootstrap` in the hands of K3s; `more` are the mirror's sources and digests. */
export async function renderK3s(
  kubernetesVersion: string,
  { sources, checksums = {} }: ReturnType<RealLab["sources"]>,
  more: object = {},
): Promise<object> {
  const { operator, operatorCrds } = checksums;
  return {
    // The keys of kubeadm's method that the suite's stack has.
    ...{ kubelet: undefined, ignorePreflightErrors: undefined },
    ...{ kubeProxy: undefined, containerd: undefined },
    method: "k3s",
    kubernetesVersion,
    release: RELEASE,
    checksums: { k3s: await sha256Of(programOf(kubernetesVersion)), operator, operatorCrds },
    sources,
    ...more,
  };
}

/** What the sandbox forces, in the machines: README.md says why. No key of the program says it to K3s. */
export const MACHINE = `
agent=/var/lib/rancher/k3s/agent/etc
for unit in k3s k3s-agent; do
  mkdir -p /etc/systemd/system/$unit.service.d
  printf '[Service]\\nLimitNOFILE=20000\\n' >/etc/systemd/system/$unit.service.d/rig.conf
done
mkdir -p $agent/containerd $agent/kubelet.conf.d
printf "imports = ['/etc/rig-containerd.toml']\\n{{ template \\"base\\" . }}\\n" >$agent/containerd/config-v3.toml.tmpl
printf "version = 3\\n[plugins.'io.containerd.cri.v1.runtime']\\nrestrict_oom_score_adj = true\\n" >/etc/rig-containerd.toml
printf 'apiVersion: kubelet.config.k8s.io/v1beta1\\nkind: KubeletConfiguration\\nfailCgroupV1: false\\n' >$agent/kubelet.conf.d/99-rig.conf`;

export function pluginsPath(version: string): string {
  return `github.com/containernetworking/plugins/releases/download/v${version}/cni-plugins-linux-amd64-v${version}.tgz`;
}

/** Calico's operator brings the plugins of the pods' network; what stands in for it does not. */
export function renderPlugins(files: string, version: string): string {
  return `mkdir -p /opt/cni/bin; curl -fsS '${files}/${pluginsPath(version)}' | tar -xz -C /opt/cni/bin`;
}
