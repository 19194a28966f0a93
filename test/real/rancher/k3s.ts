import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir } from "node:fs/promises";
import path from "node:path";
import {
  bootstrapImages,
  containerRuntime,
  kubernetes,
  rancherReleases,
  releaseOf,
} from "../../../components/versions";
import { filePath, imagePath, sha256Of } from "../../../scripts/kit/mirror/folder";
import { whyNoCalico } from "../calico/folder";
import type { RealLab } from "../cluster/lab";
import { APP_STAND_IN, KUBEADM_COREDNS } from "../mirror/contents";
import { STAND_INS } from "../mirror/listed";
import { EARLIER } from "../parts/modules";
import { NOT_KUBEADM, renderSandbox, type Distribution } from "./distribution";

/** A K3s of the pinned version. The version to upgrade from lies beside it, under the same name with its own number. */
const PROGRAM = process.env.K3S_BIN ?? "";

const RELEASE = releaseOf(rancherReleases.k3s);
const VERSIONS = [EARLIER, kubernetes.version];

/** Where the program of a version is on this host. */
function programOf(version: string): string {
  const name = path.basename(PROGRAM).replace(kubernetes.version, version);
  return path.join(path.dirname(PROGRAM), name);
}

function release(kubernetesVersion: string): string {
  return `v${kubernetesVersion}+${RELEASE}`;
}

function whyNot(): string | undefined {
  if (PROGRAM === "") return "K3S_BIN names no K3s (test/real/README.md)";
  for (const version of VERSIONS) {
    const file = programOf(version);
    if (!existsSync(file)) return `K3S_BIN: there is no ${file}`;
    const { stdout } = spawnSync(file, ["--version"], { encoding: "utf8" });
    if (!stdout.includes(` ${release(version)} `))
      return `K3S_BIN: ${file} is not ${release(version)}`;
  }
  return undefined;
}

/** The images that K3s brings by itself: scripts/airgap/image-list.txt of its sources. */
const IMAGES: Readonly<Record<string, string>> = {
  "docker.io/rancher/mirrored-pause:3.6": `${bootstrapImages.pause.repository}:${bootstrapImages.pause.tag}`,
  "docker.io/rancher/mirrored-coredns-coredns:1.14.2": `registry.k8s.io/coredns/coredns:${KUBEADM_COREDNS}`,
  "docker.io/rancher/mirrored-metrics-server:v0.8.1": `${bootstrapImages.metricsServer.repository}:${bootstrapImages.metricsServer.tag}`,
};

const REPOSITORIES = Object.keys(IMAGES).map((image) => image.slice(0, image.indexOf(":")));

/** What K3s fetches beside Calico. */
async function addTo(mirror: string): Promise<void> {
  for (const version of VERSIONS) {
    const folder = encodeURIComponent(release(version));
    const url = `https://github.com/k3s-io/k3s/releases/download/${folder}/k3s`;
    const file = path.join(mirror, filePath(url));
    await mkdir(path.dirname(file), { recursive: true });
    await copyFile(programOf(version), file);
  }
  for (const [wanted, there] of Object.entries(IMAGES))
    await cp(path.join(mirror, imagePath(there)), path.join(mirror, imagePath(wanted)), {
      recursive: true,
    });
}

async function describe(
  kubernetesVersion: string,
  { sources, checksums = {} }: ReturnType<RealLab["sources"]>,
  more: object,
): Promise<object> {
  const { operator, operatorCrds } = checksums;
  return {
    ...NOT_KUBEADM,
    method: "k3s",
    kubernetesVersion,
    release: RELEASE,
    checksums: { k3s: await sha256Of(programOf(kubernetesVersion)), operator, operatorCrds },
    sources,
    ...more,
  };
}

const { version: CNI } = containerRuntime.cni;
const PLUGINS = `github.com/containernetworking/plugins/releases/download/v${CNI}/cni-plugins-linux-amd64-v${CNI}.tgz`;

const isCalico = whyNoCalico() === undefined;

function prepare(files: string): string {
  const sandbox = renderSandbox("k3s", ["k3s", "k3s-agent"]);
  // Calico's operator brings the plugins of the pods' network; what stands in for it does not. There is no curl yet.
  const fetch = `import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen("${files}/${PLUGINS}").read())`;
  const plugins = `mkdir -p /opt/cni/bin; python3 -c '${fetch}' | tar -xz -C /opt/cni/bin`;
  return isCalico ? sandbox : `${sandbox}\n${plugins}`;
}

export const K3S: Distribution = {
  title: "K3s",
  whyNot,
  calico: isCalico,
  release,
  addTo,
  describe,
  prepare,
  otherFiles: isCalico ? [] : [PLUGINS],
  standIns: isCalico ? [APP_STAND_IN.repository] : STAND_INS,
  isOwn: (repository) => REPOSITORIES.includes(repository),
  look: "ls -A /etc/rancher /var/lib/rancher/k3s/server/db; pgrep -f 'k3s (server|agent)|containerd-shim'",
  remains: /k3s|etcd|^\d+$/m,
};
