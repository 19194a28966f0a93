import { z } from "zod";
import { METRICS_PORT, NAMESPACE, PODS } from "../../../components/platform/certificates/names";
import type { KubernetesObject } from "../../rig/engine/objects";
import { PLATFORM_IMAGES } from "../mirror/contents";
import { renderAccounts, type Right } from "./account";
import { placed } from "./placed";

/** What stands in for the internet, as a pod sees it. */
export interface Outside {
  /** Where the servers of these names are. */
  readonly address: string;
  readonly names: readonly string[];
  /** Its name server, with its port. */
  readonly dns: string;
  /** Who has signed its servers' certificate, in PEM. */
  readonly authority: string;
}

const NAME = "cert-manager";
const USER = 1000;
const TRUSTED = { name: "internet", file: "authority.crt", folder: "/internet" } as const;

const LOOK = "get list watch";
const CHANGE = `${LOOK} create update patch delete`;
const RIGHTS: readonly Right[] = [
  ["cert-manager.io", "*", "*"],
  ["acme.cert-manager.io", "*", "*"],
  ["", "secrets", CHANGE],
  ["", "events", "create patch"],
  ["", "pods services", LOOK],
  ["networking.k8s.io", "ingresses", LOOK],
];

const valuesSchema = placed.extend({
  podAnnotations: z.record(z.string(), z.string()).optional(),
});

/** cert-manager's controllers by the values of its chart. Its URLs are constants, so that only the pod's own hosts lead astray. */
export function renderCertManager(given: unknown, outside?: Outside): KubernetesObject[] {
  if (outside === undefined) return [];
  const values = valuesSchema.parse(given);
  return [
    ...renderAccounts(NAMESPACE, [NAME], RIGHTS),
    {
      ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: TRUSTED.name } },
      data: { [TRUSTED.file]: outside.authority },
    },
    renderDeployment(values, outside),
  ];
}

function renderDeployment(
  { affinity, tolerations, resources, podAnnotations }: z.output<typeof valuesSchema>,
  { address, names, dns }: Outside,
): KubernetesObject {
  const { repository, tag } = PLATFORM_IMAGES.certificates;
  const container = {
    ...{ name: NAME, image: `${repository}:${tag}`, resources },
    // No kubeconfig: the pod's own account.
    args: ["", `:${METRICS_PORT}`, dns],
    env: [{ name: "SSL_CERT_FILE", value: `${TRUSTED.folder}/${TRUSTED.file}` }],
    readinessProbe: { httpGet: { path: "/metrics", port: METRICS_PORT }, periodSeconds: 2 },
    securityContext: {
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [{ name: "internet", mountPath: TRUSTED.folder, readOnly: true }],
  };
  const spec = {
    ...{ affinity, tolerations, serviceAccountName: NAME, containers: [container] },
    hostAliases: [{ ip: address, hostnames: [...names] }],
    securityContext: {
      ...{ runAsNonRoot: true, runAsUser: USER, runAsGroup: USER },
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumes: [{ name: "internet", configMap: { name: TRUSTED.name } }],
  };
  return {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: NAME } },
    spec: {
      selector: { matchLabels: PODS.controller },
      // The former one would go on asking beside it.
      strategy: { type: "Recreate" },
      template: { metadata: { labels: PODS.controller, annotations: podAnnotations }, spec },
    },
  };
}
