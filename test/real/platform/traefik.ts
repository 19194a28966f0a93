import { z } from "zod";
import { CLASS, NAMESPACE, PODS } from "../../../components/platform/ingress/names";
import type { KubernetesObject } from "../../rig/engine/objects";
import { renderArgs, valuesSchema, type EntryPoint } from "../../cluster/traefik";
import { PLATFORM_IMAGES } from "../mirror/contents";
import { renderAccounts, type Right } from "./account";
import { placed } from "./placed";

const NAME = "traefik";
const USER = 65_532;
const PING_PORT = 8080;

const LOOK = "get list watch";
const RIGHTS: readonly Right[] = [
  ["", "services secrets nodes namespaces configmaps", LOOK],
  ["discovery.k8s.io", "endpointslices", LOOK],
  ["networking.k8s.io", "ingresses ingressclasses", LOOK],
  ["networking.k8s.io", "ingresses/status", "update"],
];

const podSchema = placed.extend({
  deployment: z.object({ replicas: z.number() }),
  topologySpreadConstraints: z.array(z.looseObject({})),
});

/** Traefik by the values of its chart. */
export function renderTraefik(given: unknown): KubernetesObject[] {
  const values = valuesSchema.parse(given);
  const ports = { ...values.ports, traefik: { port: PING_PORT } };
  const portOf = (name: EntryPoint): number => ports[name].port;
  return [
    ...renderAccounts(NAMESPACE, [NAME], RIGHTS),
    {
      ...{ apiVersion: "networking.k8s.io/v1", kind: "IngressClass", metadata: { name: CLASS } },
      spec: { controller: "traefik.io/ingress-controller" },
    },
    {
      ...{ apiVersion: "v1", kind: "Service" },
      metadata: { name: NAME, annotations: values.service.annotations },
      spec: {
        ...values.service.spec,
        selector: { ...PODS },
        ports: [
          { name: "web", port: 80, targetPort: portOf("web") },
          { name: "websecure", port: 443, targetPort: portOf("websecure") },
        ],
      },
    },
    renderDeployment(
      podSchema.parse(given),
      renderArgs(values, (name) => `:${portOf(name)}`),
    ),
  ];
}

function renderDeployment(
  { deployment, resources, ...placement }: z.output<typeof podSchema>,
  args: readonly string[],
): KubernetesObject {
  const { affinity, tolerations, topologySpreadConstraints } = placement;
  const { repository, tag } = PLATFORM_IMAGES.traefik;
  const container = {
    ...{ name: NAME, image: `${repository}:${tag}`, args, resources },
    readinessProbe: { httpGet: { path: "/ping", port: PING_PORT }, periodSeconds: 2 },
    securityContext: {
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  };
  const spec = {
    ...{ affinity, tolerations, topologySpreadConstraints, serviceAccountName: NAME },
    securityContext: {
      ...{ runAsNonRoot: true, runAsUser: USER, runAsGroup: USER },
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [container],
    volumes: [{ name: "tmp", emptyDir: {} }],
  };
  return {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: NAME } },
    spec: {
      replicas: deployment.replicas,
      selector: { matchLabels: PODS },
      template: { metadata: { labels: PODS }, spec },
    },
  };
}
