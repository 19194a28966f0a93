import { z } from "zod";
import { absolutePath, cpu, dnsLabel, host, port, size } from "../shared/scalars";
import { kubernetes } from "../versions";
import { endpointSchema } from "./endpoint/config";

export const EXISTING = ["refuse", "adopt", "reset"] as const;

const url = z
  .string()
  .regex(/^(https?|file):\/\/[^\s'"\\]+[^\s'"\\/]$/, "a URL without a trailing slash");

/** Kubespray's commit is checked after the fetch, so that the way there need not be encrypted. */
const gitUrl = z
  .string()
  .regex(
    /^(https?|git|file):\/\/[^\s'"\\]+[^\s'"\\/]$/,
    "a URL without a trailing slash: https://, http://, git:// or file://",
  );

/** pip takes packages over http from its own machine only: it calls any other host not trusted. */
const pythonIndex = url.refine(
  (text) => !text.startsWith("http://") || isLoopback(text),
  "an https:// or file:// URL: pip takes no packages over http://",
);

function isLoopback(text: string): boolean {
  const host = URL.canParse(text) ? new URL(text).hostname : "";
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 digest, 64 hexadecimal digits");

const imageDigest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, "an image's digest, sha256: and 64 hexadecimal digits");

const version = z
  .string("a Kubernetes version such as 1.35.4 (quoted in YAML)")
  .regex(/^1\.\d{2}\.\d{1,2}$/, "a Kubernetes version such as 1.35.4 (quoted in YAML)");

const reserve = (d: { cpu: string; memory: string }, what: string) =>
  z
    .strictObject({
      cpu: cpu.prefault(d.cpu).describe("CPU, as Kubernetes writes it"),
      memory: size.prefault(d.memory).describe("Memory"),
    })
    .prefault({})
    .describe(what);

const sourcesSchema = z
  .strictObject({
    kubesprayGit: gitUrl.optional().describe("Kubespray's repository, or a mirror of it"),
    kubesprayCommit: z
      .string()
      .regex(/^[0-9a-f]{40}$/, "a commit, 40 hexadecimal digits")
      .optional()
      .describe(
        "What the pinned tag stands for there, where the mirror carries changes of its own",
      ),
    pythonIndex: pythonIndex
      .optional()
      .describe("Index that Python packages come from, https:// or file://"),
    files: url
      .optional()
      .describe("Mirror of binaries: https://HOST/… is fetched from MIRROR/HOST/…"),
    registryMirrors: z
      .record(host, z.array(url).min(1))
      .prefault({})
      .describe("Mirrors that containerd asks first, by registry"),
    imageDigests: z
      .strictObject({
        pause: imageDigest.optional().describe("Of Kubernetes' pause image"),
        metricsServer: imageDigest.optional().describe("Of metrics-server"),
      })
      .prefault({})
      .describe(
        "Digests that a mirror's images have where it repacks them, such as for one architecture alone",
      ),
  })
  .prefault({})
  .describe("Where software comes from, for a network without internet");

/** The keys that every bootstrap method understands. */
export const commonKeys = {
  existing: z
    .enum(EXISTING)
    .prefault("refuse")
    .describe("What to do with a cluster that is already on the machines and is not in the stack"),
  resetClusterName: dnsLabel
    .optional()
    .describe("The cluster's name again: without it `existing: reset` wipes nothing"),
  allowRemoval: z
    .boolean()
    .prefault(false)
    .describe("Whether a machine that left the configuration is drained and removed"),
  controller: dnsLabel
    .optional()
    .describe(
      "The control plane that the others join, and that runs Ansible, the power controller, backups and checks, unless cluster.controller names another for the latter (default: the first by name)",
    ),
  kubernetesVersion: version.prefault(kubernetes.version).describe("Kubernetes version"),
  apiServerPort: port.prefault(6443).describe("Port of the API server"),
  apiServerSans: z
    .array(host)
    .prefault([])
    .describe("Further names and addresses in the API server's certificate"),
  endpoint: endpointSchema,
  // Kubespray's own defaults; the kubelet subtracts both from what pods may use.
  reserves: z
    .strictObject({
      system: reserve({ cpu: "500m", memory: "512Mi" }, "For the operating system"),
      kube: reserve({ cpu: "100m", memory: "256Mi" }, "For kubelet and containerd"),
    })
    .prefault({})
    .describe("Kept back from pods on every machine"),
  maxPods: z.int().min(16).max(500).prefault(110).describe("Pods on one machine, at most"),
  addons: z
    .strictObject({
      helm: z.boolean().prefault(true).describe("The helm command on the control planes"),
      metricsServer: z.boolean().prefault(true).describe("metrics-server, for kubectl top"),
    })
    .prefault({})
    .describe("What is installed with the cluster"),
  addonMachines: z
    .array(dnsLabel)
    .min(1)
    .optional()
    .describe(
      "Where CoreDNS, metrics-server and Calico's controllers run; machines that never sleep",
    ),
  sources: sourcesSchema,
  etcdSnapshot: z
    .strictObject({
      enabled: z.boolean().prefault(true).describe("Taken before an upgrade or a removal"),
      directory: absolutePath.prefault("/srv/backups/etcd").describe("Folder on the controller"),
      keep: z.int().min(1).max(100).prefault(5).describe("Snapshots kept"),
    })
    .prefault({})
    .describe("etcd's snapshots"),
  audit: z.boolean().prefault(false).describe("Whether the API server writes an audit log"),
  encryption: z.boolean().prefault(false).describe("Whether Secrets are encrypted in etcd"),
  renewCertificates: z
    .boolean()
    .prefault(true)
    .describe("Whether the control plane's certificates are renewed before they end"),
};

/** What every method's configuration has. */
export type CommonConfig = z.infer<z.ZodObject<{ method: z.ZodString } & typeof commonKeys>>;
