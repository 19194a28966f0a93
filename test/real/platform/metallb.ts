import { z } from "zod";
import { podsOf } from "../../../components/platform/names";
import { NAMESPACE } from "../../../components/platform/load-balancer/names";
import type { KubernetesObject } from "../../rig/engine/objects";
import { PLATFORM_IMAGES } from "../mirror/contents";
import { renderAccounts, type Right } from "./account";
import { placed } from "./placed";

const valuesSchema = z.object({
  prometheus: z.object({ metricsPort: z.number() }),
  controller: placed,
  speaker: placed.extend({
    ignoreExcludeLB: z.boolean(),
    memberlist: z.object({ mlBindPort: z.number() }),
  }),
});
type MetallbValues = z.output<typeof valuesSchema>;

const CONTROLLER = "metallb-controller";
const SPEAKER = "metallb-speaker";
const WEBHOOK = { service: "metallb-webhook-service", secret: "metallb-webhook-cert", port: 9443 };
const CERTIFICATES = "/tmp/k8s-webhook-server/serving-certs";
/** The controller makes it, and the speakers sign what they tell each other with it. */
const MEMBERS_SECRET = "metallb-memberlist";
const MEMBERS_KEY = "/etc/ml_secret_key";
const HEALTH_PORT = 17_472;

const LOOK = "get list watch";
const EVERYWHERE: readonly Right[] = [
  ["", "services namespaces nodes endpoints", LOOK],
  ["", "services/status", "update"],
  ["", "events", "create patch"],
  ["discovery.k8s.io", "endpointslices", LOOK],
  ["metallb.io", "*", "*"],
  // It makes its webhook's certificate itself, and tells the API server of it.
  ["admissionregistration.k8s.io", "validatingwebhookconfigurations", `${LOOK} update patch`],
  ["apiextensions.k8s.io", "customresourcedefinitions", `${LOOK} update patch`],
  ["authentication.k8s.io", "tokenreviews", "create"],
  ["authorization.k8s.io", "subjectaccessreviews", "create"],
];
const INSIDE: readonly Right[] = [
  ["", "pods configmaps", LOOK],
  ["", "secrets", `${LOOK} create update patch delete`],
  ["apps", "deployments", "get"],
];

/** MetalLB's controller, and its speaker without BGP, by the values of its chart. */
export function renderMetallb(given: unknown): KubernetesObject[] {
  const values = valuesSchema.parse(given);
  return [
    ...renderAccounts(NAMESPACE, [CONTROLLER, SPEAKER], EVERYWHERE, INSIDE),
    { apiVersion: "v1", kind: "Secret", metadata: { name: WEBHOOK.secret } },
    renderController(values),
    renderSpeaker(values),
    ...renderWebhook(),
  ];
}

function fromField(name: string, fieldPath: string): object {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

const probe = (host?: string): object => ({
  httpGet: { path: "/readyz", port: HEALTH_PORT, host },
  periodSeconds: 2,
});

const plain = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true };

function imageOf({ repository, tag }: { repository: string; tag: string }): string {
  return `${repository}:${tag}`;
}

function renderController({ controller, prometheus }: MetallbValues): KubernetesObject {
  const { affinity, tolerations, resources } = controller;
  const labels = podsOf("metallb", "controller");
  const container = {
    ...{ name: "controller", image: imageOf(PLATFORM_IMAGES.controller), resources },
    args: [`--port=${prometheus.metricsPort}`, `--health-probe-port=${HEALTH_PORT}`],
    env: [
      fromField("METALLB_POD_NAME", "metadata.name"),
      { name: "METALLB_ML_SECRET_NAME", value: MEMBERS_SECRET },
      { name: "METALLB_DEPLOYMENT", value: CONTROLLER },
    ],
    volumeMounts: [{ name: "certificates", mountPath: CERTIFICATES, readOnly: true }],
    readinessProbe: probe(),
    securityContext: { ...plain, capabilities: { drop: ["ALL"] } },
  };
  const spec = {
    ...{ affinity, tolerations, serviceAccountName: CONTROLLER, containers: [container] },
    securityContext: { runAsNonRoot: true, runAsUser: 65_534, fsGroup: 65_534 },
    volumes: [{ name: "certificates", secret: { secretName: WEBHOOK.secret } }],
  };
  return renderWorkload("Deployment", CONTROLLER, labels, spec);
}

function renderSpeaker({ speaker, prometheus }: MetallbValues): KubernetesObject {
  const { affinity, tolerations, resources, ignoreExcludeLB, memberlist } = speaker;
  const labels = podsOf("metallb", "speaker");
  const selector = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const container = {
    ...{ name: "speaker", image: imageOf(PLATFORM_IMAGES.speaker), resources },
    args: [
      ...[`--port=${prometheus.metricsPort}`, `--health-probe-port=${HEALTH_PORT}`],
      ...(ignoreExcludeLB ? ["--ignore-exclude-lb"] : []),
    ],
    env: [
      fromField("METALLB_NODE_NAME", "spec.nodeName"),
      fromField("METALLB_POD_NAME", "metadata.name"),
      fromField("METALLB_ML_BIND_ADDR", "status.podIP"),
      { name: "METALLB_ML_BIND_PORT", value: String(memberlist.mlBindPort) },
      { name: "METALLB_ML_LABELS", value: selector.join(",") },
      { name: "METALLB_ML_SECRET_KEY_PATH", value: MEMBERS_KEY },
    ],
    volumeMounts: [{ name: "members", mountPath: MEMBERS_KEY }],
    readinessProbe: probe("127.0.0.1"),
    securityContext: { ...plain, capabilities: { drop: ["ALL"], add: ["NET_RAW"] } },
  };
  const spec = {
    ...{ affinity, tolerations, serviceAccountName: SPEAKER, containers: [container] },
    ...{ hostNetwork: true, terminationGracePeriodSeconds: 0 },
    volumes: [{ name: "members", secret: { secretName: MEMBERS_SECRET } }],
  };
  return renderWorkload("DaemonSet", SPEAKER, labels, spec);
}

function renderWorkload(
  kind: "Deployment" | "DaemonSet",
  name: string,
  labels: Readonly<Record<string, string>>,
  spec: object,
): KubernetesObject {
  return {
    ...{ apiVersion: "apps/v1", kind, metadata: { name } },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

/** Of one of its kinds there are two versions, which the controller turns into each other. */
export function withWebhook(kind: KubernetesObject): KubernetesObject {
  if (kind.metadata.name !== "bgppeers.metallb.io") return kind;
  const service = { name: WEBHOOK.service, namespace: NAMESPACE, path: "/convert" };
  const webhook = { conversionReviewVersions: ["v1beta1", "v1beta2"], clientConfig: { service } };
  const spec = z.looseObject({}).parse(kind.spec);
  return { ...kind, spec: { ...spec, conversion: { strategy: "Webhook", webhook } } };
}

/** What refuses a wrong pool, and every pool until it runs. */
function renderWebhook(): KubernetesObject[] {
  const review = (resource: string): object => ({
    ...{ name: `${resource}.metallb.io`, admissionReviewVersions: ["v1"], sideEffects: "None" },
    clientConfig: {
      service: {
        ...{ name: WEBHOOK.service, namespace: NAMESPACE },
        path: `/validate-metallb-io-v1beta1-${resource}`,
      },
    },
    rules: [
      {
        ...{ apiGroups: ["metallb.io"], apiVersions: ["v1beta1"], resources: [`${resource}s`] },
        operations: ["CREATE", "UPDATE"],
      },
    ],
  });
  return [
    {
      ...{ apiVersion: "v1", kind: "Service", metadata: { name: WEBHOOK.service } },
      spec: {
        selector: podsOf("metallb", "controller"),
        ports: [{ port: 443, targetPort: WEBHOOK.port }],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "metallb-webhook-configuration" },
      webhooks: ["ipaddresspool", "l2advertisement"].map(review),
    },
  ];
}
