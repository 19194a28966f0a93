import { z } from "zod";
import { sha256 } from "../common-config";
import { EXACT, hasExactNumbers } from "../exact";

/** The digests that a Kubernetes version other than the pinned one has to bring. */
export const OF_KUBERNETES = ["kubeadm", "kubelet", "kubectl"] as const;

/** Of files that are built once for each architecture. */
const programDigests = {
  kubeadm: sha256.optional().describe("Of kubeadm"),
  kubelet: sha256.optional().describe("Of the kubelet"),
  kubectl: sha256.optional().describe("Of kubectl"),
  containerd: sha256.optional().describe("Of containerd's archive"),
  runc: sha256.optional().describe("Of runc"),
  cni: sha256.optional().describe("Of the CNI plugins' archive"),
  crictl: sha256.optional().describe("Of crictl's archive"),
  helm: sha256.optional().describe("Of helm's archive"),
};

/** What the program itself writes into the kubelets' configuration, with the key for it if there is one. */
const KUBELET_OWN: Readonly<Record<string, string | undefined>> = {
  apiVersion: undefined,
  kind: undefined,
  cgroupDriver: undefined,
  clusterDNS: "vmstation:network.clusterDns",
  clusterDomain: undefined,
  maxPods: "vmstation:bootstrap.maxPods",
  systemReserved: "vmstation:bootstrap.reserves.system",
  kubeReserved: "vmstation:bootstrap.reserves.kube",
  rotateCertificates: undefined,
  shutdownGracePeriod: undefined,
  shutdownGracePeriodCriticalPods: undefined,
};

const KUBE_PROXY_OWN: Readonly<Record<string, string | undefined>> = {
  apiVersion: undefined,
  kind: undefined,
  mode: undefined,
  metricsBindAddress: undefined,
};

/** Settings of a Kubernetes component for which there is no key here. */
function furtherSettings(own: Readonly<Record<string, string | undefined>>) {
  return z
    .record(
      z
        .string()
        .regex(/^[a-z][A-Za-z0-9]*$/, "a setting's name, such as imageGCHighThresholdPercent"),
      z.json().refine(hasExactNumbers, EXACT),
    )
    .superRefine((settings, ctx) => {
      for (const name of Object.keys(settings).filter((key) => Object.hasOwn(own, key))) {
        const key = own[name];
        ctx.addIssue({
          code: "custom",
          path: [name],
          message: key === undefined ? "no setting that VMStation itself makes" : `set by ${key}`,
          input: settings[name],
        });
      }
    })
    .prefault({});
}

/** The keys that only kubeadm's method has. */
export const kubeadmKeys = {
  checksums: z
    .strictObject({
      ...programDigests,
      arm64: z.strictObject(programDigests).prefault({}).describe("The same of ARM machines"),
      operatorCrds: sha256.optional().describe("Of the Tigera operator's CRDs"),
      operator: sha256.optional().describe("Of the Tigera operator's manifest"),
    })
    .prefault({})
    .describe(
      "Digests of files other than the pinned ones: another Kubernetes version, or builds of a mirror's own; those of amd64, and those of ARM machines below `arm64`",
    ),
  kubelet: furtherSettings(KUBELET_OWN).describe(
    "Further settings of the kubelets, as KubeletConfiguration names them",
  ),
  kubeProxy: furtherSettings(KUBE_PROXY_OWN).describe(
    "Further settings of kube-proxy, as KubeProxyConfiguration names them",
  ),
  containerd: z
    .string()
    .regex(/^version = 3$/m, 'settings in TOML, with the line "version = 3"')
    .optional()
    .describe("Further settings of containerd, in its own format; they win over the program's"),
  ignorePreflightErrors: z
    .array(z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, "the name of a check, such as Mem"))
    .prefault([])
    .describe("kubeadm's own checks that may fail, by name"),
} as const;
