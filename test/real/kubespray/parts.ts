import { cp } from "node:fs/promises";
import path from "node:path";
import {
  bootstrapImages,
  calico,
  containerRuntime,
  kubernetes,
} from "../../../components/versions";
import table from "../../../components/bootstrap/kubespray/downloads-v2.31.0.json";
import { FILES, imagePath, sha256Of } from "../../../scripts/kit/mirror/folder";
import { KUBEADM_COREDNS } from "../mirror/contents";
import { addFile } from "../mirror/make";
import { EARLIER, programPath } from "../parts/modules";

const release = (repository: string, version: string, name: string): string =>
  `github.com/${repository}/releases/download/v${version}/${name}`;

const { etcd, crictl, coreDns } = table.minors["1.35"];
const { nerdctl } = table.fixed;
const { containerd, runc, cni } = containerRuntime;

const ETCD_FOLDER = `etcd-v${etcd.version}-linux-amd64`;
const ETCD = release("etcd-io/etcd", etcd.version, `${ETCD_FOLDER}.tar.gz`);

/** Kubespray pulls images by it. */
export const NERDCTL = release(
  "containerd/nerdctl",
  nerdctl.version,
  `nerdctl-${nerdctl.version}-linux-amd64.tar.gz`,
);

/** Kubespray's variables of the digests of what is built here, by what they are of. */
const DIGESTS: Readonly<Record<string, string>> = {
  etcd_binary_checksum: ETCD,
  nerdctl_archive_checksum: NERDCTL,
  containerd_archive_checksum: release(
    "containerd/containerd",
    containerd.version,
    `containerd-${containerd.version}-linux-amd64.tar.gz`,
  ),
  runc_binary_checksum: release("opencontainers/runc", runc.version, "runc.amd64"),
  cni_binary_checksum: release(
    "containernetworking/plugins",
    cni.version,
    `cni-plugins-linux-amd64-v${cni.version}.tgz`,
  ),
  crictl_binary_checksum: release(
    "kubernetes-sigs/cri-tools",
    crictl.version,
    `crictl-v${crictl.version}-linux-amd64.tar.gz`,
  ),
  calicoctl_binary_checksum: release(
    "projectcalico/calico",
    calico.version,
    "calicoctl-linux-amd64",
  ),
};

const PROGRAMS = ["kubeadm", "kubelet", "kubectl"];

/** Kubespray names other versions of these than kubeadm: what is there has to do. */
const COPIES: Readonly<Record<string, string>> = {
  [`registry.k8s.io/coredns/coredns:v${coreDns}`]: `registry.k8s.io/coredns/coredns:${KUBEADM_COREDNS}`,
  "registry.k8s.io/metrics-server/metrics-server:v0.8.1": `${bootstrapImages.metricsServer.repository}:${bootstrapImages.metricsServer.tag}`,
};

/** Adds to a mirror what Kubespray fetches beside kubeadm's method. */
export async function addKubespray(mirror: string): Promise<void> {
  const programs = ["etcd", "etcdctl", "etcdutl"].map(
    (name) => [`${ETCD_FOLDER}/${name}`, programPath("etcd", name)] as const,
  );
  const from = Object.fromEntries(programs);
  await addFile(path.join(mirror, FILES), { path: ETCD, checksum: "etcd", from });
  for (const [wanted, there] of Object.entries(COPIES)) {
    const [to, source] = [wanted, there].map((image) => path.join(mirror, imagePath(image)));
    if (wanted !== there && to !== undefined && source !== undefined)
      await cp(source, to, { recursive: true });
  }
}

/** The digests of a mirror's own files, as Kubespray's variables. */
export async function digestVariables(mirror: string): Promise<Record<string, string>> {
  const digest = async (name: string): Promise<string> =>
    `sha256:${await sha256Of(path.join(mirror, FILES, name))}`;
  const found: Record<string, string> = {};
  for (const [variable, name] of Object.entries(DIGESTS)) found[variable] = await digest(name);
  for (const program of PROGRAMS) {
    const versions = [EARLIER, kubernetes.version].map(async (version) => {
      const file = `dl.k8s.io/release/v${version}/bin/linux/amd64/${program}`;
      return `'${version}': '${await digest(file)}'`;
    });
    const all = (await Promise.all(versions)).join(", ");
    found[`${program}_binary_checksum`] = `{{ {${all}}[kube_version] }}`;
  }
  return found;
}
