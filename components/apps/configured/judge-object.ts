import { findSecrets } from "./secrets";
import {
  describe,
  listAt,
  mapAt,
  textAt,
  type Finding,
  type KubeObject,
  type SourceObject,
} from "./objects";
import { judgePod } from "./judge-pod";
import { podSpecOf } from "./pods";
import type { ConfiguredApp } from "./values";

/** Kinds that the frame makes, and the keys that say so. */
const FRAMES: Readonly<Record<string, string>> = {
  Ingress: "host and access of the app, by which the frame makes the route",
  Namespace: "nothing: the app's namespace is made from the stack's file",
  LimitRange: "resources of the app",
  NetworkPolicy: "ports and egress of the app",
  PersistentVolume: "volumes of the app",
  PersistentVolumeClaim: "volumes of the app: each is a claim of its name",
  PodSecurityPolicy: "podSecurity of the app; Kubernetes has had no PodSecurityPolicy since 1.25",
  ResourceQuota: "quota of the app",
};

/** Kinds outside of every namespace (kubectl api-resources --namespaced=false). */
const CLUSTER_WIDE = [
  ...["APIService", "ClusterRole", "ClusterRoleBinding", "CSIDriver", "CustomResourceDefinition"],
  ...["IngressClass", "MutatingWebhookConfiguration", "Node", "PriorityClass", "RuntimeClass"],
  ...["StorageClass", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
  ...["ValidatingWebhookConfiguration", "VolumeAttachment", "ClusterIssuer"],
];

/** What an object says that contradicts the app's frame. */
export function judgeObject(source: SourceObject, app: ConfiguredApp, isChart: boolean): Finding[] {
  const { object, where } = source;
  const at = (found: string, accepted: string): Finding => ({
    where,
    found: `${describe(object)}: ${found}`,
    accepted,
  });
  return [
    ...judgeKind(object, app, at),
    ...judgeNamespace(object, app, at),
    ...(isChart ? [] : judgeSecrets(object, at)),
    ...judgeService(object, app, at),
    ...judgeReplicas(object, app, at),
    ...judgePods(object, app, at),
  ];
}

type At = (found: string, accepted: string) => Finding;

function judgeKind({ kind }: KubeObject, { config }: ConfiguredApp, at: At): Finding[] {
  if (config.clusterWide.includes(kind)) return [];
  const instead = FRAMES[kind];
  if (instead !== undefined) return [at("of a kind that the frame makes", instead)];
  if (!CLUSTER_WIDE.includes(kind)) return [];
  return [
    at("outside of the app's namespace", `none, or clusterWide: [${kind}] in the app's keys`),
  ];
}

function judgeNamespace({ metadata }: KubeObject, { plan }: ConfiguredApp, at: At): Finding[] {
  const { namespace } = metadata;
  if (namespace === undefined || namespace === plan.name) return [];
  const accepted = `no namespace: all that the app has is put into ${plan.name}`;
  return [at(`the namespace ${namespace}`, accepted)];
}

/** In a file that is in Git, or will be. */
function judgeSecrets(object: KubeObject, at: At): Finding[] {
  const accepted =
    "secrets of the app: secrets: { NAME: { KEY: nameOfASecretKey } }, and a secretKeyRef to it";
  if (object.kind === "Secret") return [at("a Secret in plain", accepted)];
  const spec = podSpecOf(object);
  const found = spec === undefined ? [] : findSecrets(spec);
  return found.map((path) => at(`what looks like a secret in plain, ${path}`, accepted));
}

function judgeService(object: KubeObject, { plan }: ConfiguredApp, at: At): Finding[] {
  if (object.kind !== "Service") return [];
  const type = textAt(object.spec, "type");
  const fixed = listAt(object.spec, "ports").find(({ nodePort }) => nodePort !== undefined);
  const accepted = `no type: ports of the app say which port people reach, such as ${example(plan.ports[0]?.name ?? "http")}`;
  if (fixed !== undefined) return [at(`the NodePort ${Number(fixed.nodePort)}`, accepted)];
  if (type === "NodePort" || type === "LoadBalancer") return [at(`type ${type}`, accepted)];
  if ("externalIPs" in mapAt(object, "spec")) return [at("externalIPs", accepted)];
  return [];
}

const example = (port: string): string => `ports: { ${port}: { port: 80, nodePort: 30080 } }`;

/** The power layer counts what it scales to 0: how many pods there are is not the file's to say. */
function judgeReplicas(object: KubeObject, { plan, sleeps }: ConfiguredApp, at: At): Finding[] {
  if (!sleeps) return [];
  const { machine = "" } = plan;
  if (object.kind === "HorizontalPodAutoscaler") {
    const accepted = "none: the power layer sets the number of pods there";
    return [at(`an autoscaler on ${machine}, which sleeps`, accepted)];
  }
  const { replicas } = mapAt(object, "spec");
  const isScaled = object.kind === "Deployment" || object.kind === "StatefulSet";
  if (!isScaled || typeof replicas !== "number" || replicas === 1) return [];
  const found = `replicas: ${replicas} on ${machine}, which sleeps`;
  return [at(found, "no replicas, or 1: the power layer sets 0 while the machine is switched off")];
}

function judgePods(object: KubeObject, app: ConfiguredApp, at: At): Finding[] {
  const spec = podSpecOf(object);
  const own = spec === undefined ? [] : judgePod(spec, app);
  const claims = listAt(object.spec, "volumeClaimTemplates");
  const templates = claims.map((claim) => {
    const name = textAt(claim.metadata, "name") ?? "data";
    const accepted = `a volume with persistentVolumeClaim: { claimName: ${name} }, and volumes: { ${name}: … } of the app`;
    return at(`the volumeClaimTemplate ${name}, whose data the frame does not know`, accepted);
  });
  return [...templates, ...own.map(({ found, accepted }) => at(found, accepted))];
}
