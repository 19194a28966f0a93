import { MONITORING_NAMESPACE } from "../shared/metrics";

/** The namespace that everything here lives in. */
export const NAMESPACE = MONITORING_NAMESPACE;

/** The label by which charts name their pods. */
export function podsNamed(name: string): Readonly<Record<string, string>> {
  return { "app.kubernetes.io/name": name };
}

/** Address of a Service of this namespace, "loki.monitoring.svc:3100". */
export function hostOf(service: string, port?: number): string {
  const host = `${service}.${NAMESPACE}.svc`;
  return port === undefined ? host : `${host}:${port}`;
}

/** The ConfigMap that holds a dashboard. */
export function dashboardConfigMap(uid: string): string {
  return `dashboard-${uid}`;
}

/** Alertmanager's only pod, as the operator names it after the release. */
export const ALERTMANAGER_POD = "alertmanager-kube-prometheus-stack-alertmanager-0";
