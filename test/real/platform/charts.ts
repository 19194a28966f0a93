import { readCrds } from "../../cluster/crds";
import type { ChartRelease, KubernetesObject } from "../../rig/engine/objects";
import { renderCertManager, type Outside } from "./cert-manager";
import { renderMetallb, withWebhook } from "./metallb";
import { renderTraefik } from "./traefik";

/**
 * What stands in for a chart, as charts cannot be had: the workloads that its values ask for. The other objects of the
 * platform are the program's own.
 */
const CHARTS: Readonly<
  Record<string, (values: unknown, outside: Outside | undefined) => KubernetesObject[]>
> = {
  "cert-manager": renderCertManager,
  metallb: renderMetallb,
  traefik: renderTraefik,
};

/** The groups of the kinds that a chart defines. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  "cert-manager": ["cert-manager.io", "acme.cert-manager.io"],
  metallb: ["metallb.io"],
};

/** The kinds that a chart defines; none of a chart that nothing stands in for. */
export function renderKinds({ chart }: ChartRelease): KubernetesObject[] {
  const groups = GROUPS[chart] ?? [];
  if (groups.length === 0) return [];
  return readCrds(groups)
    .filter(({ metadata }) => groups.some((group) => metadata.name.endsWith(`.${group}`)))
    .map(withWebhook);
}

/** A release's objects; none of a chart that nothing stands in for. */
export function renderChart(
  { chart, namespace, values }: ChartRelease,
  outside?: Outside,
): KubernetesObject[] {
  const objects = CHARTS[chart]?.(values, outside) ?? [];
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
