import { kubespray } from "../../versions";
import { addonMachines } from "../addon-machines";
import {
  everyMachine,
  machinesWith,
  together,
  type Downloads,
  type FileNeed,
  type ImageNeed,
  type Unlisted,
} from "../downloads";
import type { Architecture, Digests } from "../architectures";
import table from "./downloads-v2.31.0.json";
import type { KubesprayArgs } from "./render-wanted";

const GITHUB = "https://github.com";
const KUBERNETES = "registry.k8s.io";

interface Entry {
  readonly version: string;
  readonly sha256: Digests;
}
interface Minor {
  readonly etcd: Entry;
  readonly crictl: Entry;
  readonly pause: string;
  readonly coreDns: string;
}

/** Versions that Kubespray's tag writes in its own defaults, not in its table of digests. */
const ADDONS = {
  autoscaler: "v1.8.8",
  certManager: "v1.15.3",
  metallb: "v0.13.9",
  metricsServer: "v0.8.1",
  nginx: "1.28.2-alpine",
  nodeLocalDns: "1.25.0",
  registry: "2.8.1",
};

/** All that machines fetch by the playbooks of the pinned tag, as its roles/download does. */
export function kubesprayDownloads(args: KubesprayArgs, architecture: Architecture): Downloads {
  const version = args.config.kubernetesVersion;
  const minors: Readonly<Record<string, Minor>> = table.minors;
  const minor = minors[version.split(".").slice(0, 2).join(".")];
  if (minor === undefined) throw new Error(`Kubespray's table has no Kubernetes ${version}`);
  return {
    files: [
      ...kubernetesFiles(args, architecture),
      ...programFiles(args, minor, architecture),
      ...networkFiles(args, architecture),
    ],
    images: [...clusterImages(args, minor), ...addonImages(args)],
    unlisted: unlisted(args),
  };
}

function kubernetesFiles(args: KubesprayArgs, architecture: Architecture): FileNeed[] {
  const version = args.config.kubernetesVersion;
  const versions: Readonly<Record<string, Readonly<Record<string, Digests>>>> = table.kubernetes;
  const control = machinesWith(args, "control-plane");
  return Object.entries(versions[version] ?? {}).map(([name, sha256]) => ({
    url: `https://dl.k8s.io/release/v${version}/bin/linux/${architecture}/${name}`,
    sha256: sha256[architecture],
    machines: name === "kubectl" ? control : everyMachine(args),
  }));
}

function programFiles(args: KubesprayArgs, minor: Minor, arch: Architecture): FileNeed[] {
  const { runc, containerd, cni, nerdctl, helm } = table.fixed;
  const { etcd, crictl } = minor;
  const all = everyMachine(args);
  const file = (url: string, { sha256 }: Entry, machines = all): FileNeed => ({
    url,
    sha256: sha256[arch],
    machines,
  });
  const release = (repository: string, { version }: Entry, name: string): string =>
    `${GITHUB}/${repository}/releases/download/v${version}/${name}`;
  const named = (program: string, { version }: Entry): string =>
    `${program}-${version}-linux-${arch}.tar.gz`;
  return [
    file(
      release("etcd-io/etcd", etcd, named("etcd", { ...etcd, version: `v${etcd.version}` })),
      etcd,
      machinesWith(args, "etcd"),
    ),
    file(
      release("containernetworking/plugins", cni, `cni-plugins-linux-${arch}-v${cni.version}.tgz`),
      cni,
    ),
    file(
      release(
        "kubernetes-sigs/cri-tools",
        crictl,
        named("crictl", { ...crictl, version: `v${crictl.version}` }),
      ),
      crictl,
    ),
    file(release("opencontainers/runc", runc, `runc.${arch}`), runc),
    file(release("containerd/containerd", containerd, named("containerd", containerd)), containerd),
    file(release("containerd/nerdctl", nerdctl, named("nerdctl", nerdctl)), nerdctl),
    ...(args.config.addons.helm
      ? [
          file(
            `https://get.helm.sh/helm-v${helm.version}-linux-${arch}.tar.gz`,
            helm,
            machinesWith(args, "control-plane"),
          ),
        ]
      : []),
  ];
}

function networkFiles(args: KubesprayArgs, architecture: Architecture): FileNeed[] {
  const { calicoctl, calicoCrds } = table.fixed;
  const calico = `${GITHUB}/projectcalico/calico`;
  return [
    {
      url: `${calico}/releases/download/v${calicoctl.version}/calicoctl-linux-${architecture}`,
      sha256: calicoctl.sha256[architecture],
      machines: everyMachine(args),
    },
    {
      url: `${calico}/raw/v${calicoCrds.version}/manifests/crds.yaml`,
      sha256: calicoCrds.sha256[architecture],
      machines: machinesWith(args, "control-plane"),
    },
  ];
}

function clusterImages(args: KubesprayArgs, minor: Minor): ImageNeed[] {
  const all = everyMachine(args);
  const image = (repository: string, tag: string): ImageNeed => ({
    image: `${repository}:${tag}`,
    machines: all,
  });
  const kube = ["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler"];
  const calico = ["apiserver", "cni", "kube-controllers", "node"];
  return [
    ...kube.map((name) => image(`${KUBERNETES}/${name}`, `v${args.config.kubernetesVersion}`)),
    ...calico.map((name) => image(`quay.io/calico/${name}`, `v${table.fixed.calicoctl.version}`)),
    image(`${KUBERNETES}/pause`, minor.pause),
    image(`${KUBERNETES}/coredns/coredns`, `v${minor.coreDns}`),
  ];
}

/** Those of the add-ons, on the machines that pull them before and on those where they then run. */
function addonImages(args: KubesprayArgs): ImageNeed[] {
  const { addons } = args.config;
  const control = machinesWith(args, "control-plane");
  const workers = machinesWith(args, "worker");
  const bound = addonMachines(args.config, args.machines);
  const onControl = together(control, bound);
  const everywhere = everyMachine(args);
  const list = (
    wanted: boolean,
    machines: readonly string[],
    ...images: readonly string[]
  ): ImageNeed[] => (wanted ? images.map((image) => ({ image, machines })) : []);
  return [
    ...list(
      true,
      onControl,
      `${KUBERNETES}/cpa/cluster-proportional-autoscaler:${ADDONS.autoscaler}`,
    ),
    ...list(
      addons.metricsServer,
      onControl,
      `${KUBERNETES}/metrics-server/metrics-server:${ADDONS.metricsServer}`,
    ),
    ...list(
      addons.nodeLocalDns,
      everywhere,
      `${KUBERNETES}/dns/k8s-dns-node-cache:${ADDONS.nodeLocalDns}`,
    ),
    ...list(
      addons.certManager,
      together(workers, bound),
      ...["controller", "cainjector", "webhook"].map(
        (name) => `quay.io/jetstack/cert-manager-${name}:${ADDONS.certManager}`,
      ),
    ),
    ...list(
      addons.metallb,
      everywhere,
      ...["controller", "speaker"].map((name) => `quay.io/metallb/${name}:${ADDONS.metallb}`),
    ),
    ...list(addons.registry, workers, `docker.io/library/registry:${ADDONS.registry}`),
    // What workers reach several API servers by.
    ...list(control.length > 1, workers, `docker.io/library/nginx:${ADDONS.nginx}`),
  ];
}

function unlisted({ config }: KubesprayArgs): Unlisted[] {
  const { kubesprayCommit } = config.sources;
  return [
    {
      what: `Kubespray's repository at ${kubespray.tag}, commit ${kubesprayCommit ?? kubespray.commit}`,
      advice:
        "clone it into the mirror's folder: docs/offline.md says how (bootstrap.sources.kubesprayGit)",
    },
    {
      what: `the Python packages of requirements-${kubespray.tag}.lock, on the controller`,
      advice: "download them with pip: docs/offline.md says how (bootstrap.sources.pythonIndex)",
    },
    ...(Object.keys(config.variables).length === 0 && kubesprayCommit === undefined
      ? []
      : [
          {
            what: "what bootstrap.variables or another commit changes in Kubespray's downloads",
            advice: "compare with contrib/offline/generate_list.sh of the checkout",
          },
        ]),
  ];
}

/** The tag that the table was made of; it has to be the pinned one. */
export const TABLE_TAG = table.tag;
