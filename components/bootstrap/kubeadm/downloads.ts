import { bootstrapImages, imageOf, kubeadmImages, kubernetes } from "../../versions";
import type { Architecture } from "../architectures";
import { artefactsFor } from "../artefacts";
import { calicoDownloads, floatingMachines } from "../calico-downloads";
import {
  everyMachine,
  machinesWith,
  needsOf,
  together,
  withoutMirror,
  type Downloads,
  type ImageNeed,
  type Unlisted,
} from "../downloads";
import { machineArtefacts } from "./render-artefacts";
import type { KubeadmArgs } from "./render-config";

const REGISTRY = "registry.k8s.io";
/** All that machines fetch to become a cluster by kubeadm. */
export function kubeadmDownloads(args: KubeadmArgs, architecture: Architecture): Downloads {
  const calico = calicoDownloads(args);
  const programs = artefactsFor(machineArtefacts(withoutMirror(args).config), architecture);
  return {
    files: [...needsOf(programs, everyMachine(args)), ...calico.files],
    images: [...images(args), ...calico.images],
    unlisted: [...unlisted(args), ...calico.unlisted],
  };
}

function images(args: KubeadmArgs): ImageNeed[] {
  const { config } = args;
  const { pause, metricsServer } = bootstrapImages;
  const digests = config.sources.imageDigests;
  return [
    { image: imageOf(pause, digests.pause), machines: everyMachine(args) },
    ...kubernetesImages(args),
    ...(isPinned(args) ? kubeadmsOwn(args) : []),
    ...(config.addons.metricsServer
      ? [{ image: imageOf(metricsServer, digests.metricsServer), machines: floatingMachines(args) }]
      : []),
  ];
}

/** kubeadm pulls all of them on each control plane, before it begins. */
function kubernetesImages(args: KubeadmArgs): ImageNeed[] {
  const image = (name: string, machines: readonly string[]): ImageNeed => ({
    image: `${REGISTRY}/${name}:v${args.config.kubernetesVersion}`,
    machines,
  });
  const control = machinesWith(args, "control-plane");
  return [
    image("kube-apiserver", control),
    image("kube-controller-manager", control),
    image("kube-scheduler", control),
    image("kube-proxy", everyMachine(args)),
  ];
}

/** Their versions are a part of kubeadm. */
function kubeadmsOwn(args: KubeadmArgs): ImageNeed[] {
  const control = machinesWith(args, "control-plane");
  return [
    { image: `${REGISTRY}/etcd:${kubeadmImages.etcd}`, machines: control },
    {
      image: `${REGISTRY}/coredns/coredns:${kubeadmImages.coreDns}`,
      machines: together(control, floatingMachines(args)),
    },
  ];
}

function isPinned({ config }: KubeadmArgs): boolean {
  return config.kubernetesVersion === kubernetes.version;
}

function unlisted(args: KubeadmArgs): Unlisted[] {
  if (isPinned(args)) return [];
  const version = args.config.kubernetesVersion;
  return [
    {
      what: `the images of etcd and CoreDNS that kubeadm ${version} brings along`,
      advice: `run that kubeadm: kubeadm config images list --kubernetes-version v${version}`,
    },
  ];
}
