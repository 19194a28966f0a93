import { z } from "zod";

/** An object of the API: what every one has, and whatever its kind adds. */
export const kubeObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});

export type KubeObject = z.infer<typeof kubeObject>;

/** "apps/v1 DaemonSet monitoring/ipmi-exporter-local" */
export function describeObject({ apiVersion, kind, metadata }: KubeObject): string {
  const { name, namespace } = metadata;
  return `${apiVersion} ${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

const condition = z.object({ type: z.string(), status: z.string() });
const withConditions = z.object({
  status: z.object({ conditions: z.array(condition).default([]) }).prefault({}),
});

/** The status of an object's condition, "True" or "False" or "Unknown"; undefined without one. */
export function conditionOf(object: unknown, type: string): string | undefined {
  const { data } = withConditions.safeParse(object);
  return data?.status.conditions.find((each) => each.type === type)?.status;
}
