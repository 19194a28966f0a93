import { readCrds } from "../../cluster/crds";
import type { ChartRelease, KubernetesObject } from "../../rig/engine/objects";
import { renderMetallb, withWebhook } from "./metallb";
import { renderTraefik } from "./traefik";

/**
 * What stands in for a chart, as charts cannot be had: the workloads that its values ask for. The other objects of the
 * platform are the program's own.
 */
const CHARTS: Readonly<Record<string, (values: unknown) => KubernetesObject[]>> = {
  metallb: renderMetallb,
  traefik: renderTraefik,
};

/** The kinds that a chart defines; none of a chart that nothing stands in for. */
export function renderKinds({ chart }: ChartRelease): KubernetesObject[] {
  return chart === "metallb"
    ? readCrds(["metallb.io"])
        .filter(({ metadata }) => metadata.name.endsWith(".metallb.io"))
        .map(withWebhook)
    : [];
}

/** A release's objects; none of a chart that nothing stands in for. */
export function renderChart({ chart, namespace, values }: ChartRelease): KubernetesObject[] {
  const objects = CHARTS[chart]?.(values) ?? [];
  return objects.map((object) =>
    CLUSTER_WIDE.includes(object.kind)
      ? object
      : { ...object, metadata: { ...object.metadata, namespace } },
  );
}

const CLUSTER_WIDE = [
  "ClusterRole",
  "ClusterRoleBinding",
  "IngressClass",
  "ValidatingWebhookConfiguration",
];
