import { listAt, mapAt, type KubeObject } from "./objects";
import { changeAt, templatePath } from "./pods";

/** What the frame says of the objects of an app that others have written, as plain values. */
export interface FrameValues {
  readonly namespace: string;
  /** On every object, and on every pod. */
  readonly labels: Readonly<Record<string, string>>;
  /** On what is waited for, where nothing may wait for it. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly placement: {
    readonly nodeSelector: Readonly<Record<string, string>>;
    readonly tolerations: readonly unknown[];
    readonly affinity?: unknown;
  };
  /** Whose number of pods the power layer sets; undefined on a machine that is always on. */
  readonly scaled?: { readonly kind: string; readonly name: string } | undefined;
  readonly service: {
    readonly name: string;
    readonly type: "ClusterIP" | "NodePort";
    /** NodePorts by port. */
    readonly nodePorts: Readonly<Record<string, number>>;
  };
  /** Whose registry the images come from instead of their own. */
  readonly imageRegistry?: string | undefined;
  /** Kinds outside of the namespace. */
  readonly clusterWide: readonly string[];
}

/** The object in the app's frame: its namespace, its machine, its port, its labels. */
export function putIntoFrame(object: KubeObject, frame: FrameValues): KubeObject {
  const isOutside = frame.clusterWide.includes(object.kind);
  const template = templatePath(object);
  const { annotations, labels } = object.metadata;
  const isWaitedFor = template !== undefined || object.kind === "Service";
  const own = isWaitedFor ? frame.annotations : {};
  const metadata = {
    ...object.metadata,
    ...(isOutside ? {} : { namespace: frame.namespace }),
    labels: { ...mapAt({ labels }, "labels"), ...frame.labels },
    ...(Object.keys(own).length === 0
      ? {}
      : { annotations: { ...mapAt({ annotations }, "annotations"), ...own } }),
  };
  const named = { ...object, metadata };
  const placed =
    template === undefined
      ? named
      : { ...named, ...mapAt(changeAt(named, template, (found) => placePod(found, frame))) };
  if (isScaled(placed, frame)) return { ...placed, spec: without(mapAt(placed, "spec")) };
  if (placed.kind === "Service") return { ...placed, spec: openService(placed, frame) };
  return placed;
}

function isScaled({ kind, metadata }: KubeObject, { scaled }: FrameValues): boolean {
  return kind === scaled?.kind && metadata.name === scaled.name;
}

/** `replicas` is the power layer's: it sets 0 while the machine is switched off. */
function without(spec: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => key !== "replicas"));
}

function placePod(template: unknown, frame: FrameValues): object {
  const { nodeSelector, tolerations, affinity } = frame.placement;
  const spec = mapAt(template, "spec");
  const metadata = mapAt(template, "metadata");
  const added = tolerations.filter((each) => !listAt(spec, "tolerations").some(sameAs(each)));
  const kept = [...listAt(spec, "tolerations"), ...added];
  return {
    ...mapAt({ template }, "template"),
    metadata: { ...metadata, labels: { ...mapAt(metadata, "labels"), ...frame.labels } },
    spec: {
      ...spec,
      nodeSelector: { ...mapAt(spec, "nodeSelector"), ...nodeSelector },
      ...(kept.length === 0 ? {} : { tolerations: kept }),
      ...(affinity === undefined
        ? {}
        : { affinity: { ...mapAt(spec, "affinity"), ...mapAt({ affinity }, "affinity") } }),
      ...mirrored(spec, frame.imageRegistry),
    },
  };
}

const sameAs =
  (one: unknown) =>
  (other: unknown): boolean =>
    JSON.stringify(one) === JSON.stringify(other);

function mirrored(
  spec: Readonly<Record<string, unknown>>,
  registry: string | undefined,
): Readonly<Record<string, unknown>> {
  if (registry === undefined) return {};
  const lists = ["initContainers", "containers"].filter((key) => Array.isArray(spec[key]));
  return Object.fromEntries(
    lists.map((key) => [
      key,
      listAt(spec, key).map((container) =>
        typeof container.image === "string"
          ? { ...container, image: mirrorImage(container.image, registry) }
          : container,
      ),
    ]),
  );
}

/** An image in a mirror: "busybox:1.37.0" and "docker.io/library/busybox:1.37.0" are the same one. */
export function mirrorImage(image: string, registry: string): string {
  const [first = "", ...rest] = image.split("/");
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (hasRegistry) return [registry, ...rest].join("/");
  return rest.length === 0 ? `${registry}/library/${image}` : `${registry}/${image}`;
}

/** The app's own Service is reached as the frame says; another one stays in the cluster. */
function openService(object: KubeObject, { service }: FrameValues): object {
  const spec = mapAt(object, "spec");
  if (object.metadata.name !== service.name) return spec;
  const ports = listAt(spec, "ports").map((port) => {
    const rest = Object.fromEntries(Object.entries(port).filter(([key]) => key !== "nodePort"));
    const wanted = service.nodePorts[String(Number(port.port))];
    return service.type === "NodePort" && wanted !== undefined
      ? { ...rest, nodePort: wanted }
      : rest;
  });
  return { ...spec, type: service.type, ports };
}
