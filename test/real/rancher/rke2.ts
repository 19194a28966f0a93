import { existsSync } from "node:fs";
import path from "node:path";
import { kubernetes, rancherReleases, releaseOf } from "../../../components/versions";
import { filePath, imagePath, sha256Of } from "../../../scripts/kit/mirror/folder";
import { addFolder } from "../calico/folder";
import type { RealLab } from "../cluster/lab";
import { APP_STAND_IN } from "../mirror/contents";
import { EARLIER } from "../parts/modules";
import { NOT_KUBEADM, renderSandbox, type Distribution } from "./distribution";

/** A folder as `vmstation mirror fetch` fills it: RKE2's archives, their lists of digests, and the images that it pulls. */
const FOLDER = process.env.RKE2_DIR ?? "";

const RELEASE = releaseOf(rancherReleases.rke2);
const ARCHIVE = "rke2.linux-amd64.tar.gz";
const OWN_IMAGES = "docker.io/rancher/";

function release(kubernetesVersion: string): string {
  return `v${kubernetesVersion}+${RELEASE}`;
}

/** Where a file of a release lies in a mirror's folder. */
function fileOf(kubernetesVersion: string, name: string): string {
  const folder = encodeURIComponent(release(kubernetesVersion));
  return filePath(`https://github.com/rancher/rke2/releases/download/${folder}/${name}`);
}

/** By its name each release knows the image that brings its programs and charts. */
function runtimeImage(kubernetesVersion: string): string {
  return imagePath(`${OWN_IMAGES}rke2-runtime:${release(kubernetesVersion).replace("+", "-")}`);
}

function whyNot(): string | undefined {
  if (FOLDER === "")
    return "RKE2_DIR names no folder of RKE2's archives and images (test/real/README.md)";
  const wanted = [EARLIER, kubernetes.version].flatMap((version) => [
    fileOf(version, ARCHIVE),
    fileOf(version, "sha256sum-amd64.txt"),
    runtimeImage(version),
  ]);
  const missing = wanted.find((name) => !existsSync(path.join(FOLDER, name)));
  return missing === undefined ? undefined : `RKE2_DIR has no ${missing}`;
}

async function describe(
  kubernetesVersion: string,
  { sources }: ReturnType<RealLab["sources"]>,
  more: object,
): Promise<object> {
  return {
    ...NOT_KUBEADM,
    checksums: undefined,
    method: "rke2",
    kubernetesVersion,
    release: RELEASE,
    artefactChecksum: await sha256Of(path.join(FOLDER, fileOf(kubernetesVersion, ARCHIVE))),
    sources,
    ...more,
  };
}

export const RKE2: Distribution = {
  title: "RKE2",
  whyNot,
  // It brings its own, as a chart.
  calico: false,
  release,
  addTo: (mirror) => addFolder(FOLDER, mirror),
  describe,
  prepare: () => renderSandbox("rke2", ["rke2-server", "rke2-agent"]),
  otherFiles: [],
  standIns: [APP_STAND_IN.repository],
  isOwn: (repository) => repository.startsWith(OWN_IMAGES),
  look: "ls -A /etc/rancher /var/lib/rancher; pgrep -f 'rke2 (server|agent)|containerd-shim'",
  remains: /rke2|^\d+$/m,
};
