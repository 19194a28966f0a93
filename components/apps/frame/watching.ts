import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { ASLEEP } from "../../shared/metrics";
import type { AppPlan } from "./app";
import { renderSelector } from "./placement";

/**
 * An app that has no ready pod although its machine is awake. Twenty minutes: the longest start (Minecraft
 * making its first world, ten minutes) after the longest wake (power.wakeTimeout, five by default).
 */
export function renderAlert(plan: Pick<AppPlan, "name" | "title" | "machine">, sleeps: boolean) {
  const ready = `kube_pod_status_ready{namespace="${plan.name}",condition="true"}`;
  const down = `(sum(${ready}) or vector(0)) < 1`;
  return {
    alert: `${plan.title}Down`,
    expr:
      sleeps && plan.machine !== undefined
        ? `${down} unless on () (${ASLEEP}{node="${plan.machine}"} == 1)`
        : down,
    for: "20m",
    labels: { severity: "warning", app: plan.name },
    annotations: {
      summary: `${plan.title} has no ready pod`,
      description: `${renderWhere(plan.machine)}Look at kubectl -n ${plan.name} describe pods.`,
    },
  };
}

/** Where it is, in the alert's words. */
function renderWhere(machine: string | undefined): string {
  return machine === undefined ? "" : `Its machine, ${machine}, is awake. `;
}

/** The spec of the app's PrometheusRule; also Prometheus' own form of a rule file. */
export function renderRuleFile(plan: Pick<AppPlan, "name" | "title" | "machine">, sleeps: boolean) {
  return { groups: [{ name: `vmstation-${plan.name}`, rules: [renderAlert(plan, sleeps)] }] };
}

/** The app's alert, and the fetching of its metrics where it has some. */
export function createWatch(plan: AppPlan, sleeps: boolean, parent: pulumi.Resource): void {
  const metadata = { name: plan.name, namespace: plan.name, labels: renderSelector(plan.name) };
  const apiVersion = "monitoring.coreos.com/v1";
  new k8s.apiextensions.CustomResource(
    `apps-${plan.name}-alerts`,
    {
      apiVersion,
      kind: "PrometheusRule",
      metadata,
      spec: renderRuleFile(plan, sleeps),
    },
    { parent },
  );
  if (plan.metrics === undefined) return;
  new k8s.apiextensions.CustomResource(
    `apps-${plan.name}-monitor`,
    {
      apiVersion,
      kind: "ServiceMonitor",
      metadata,
      spec: {
        selector: { matchLabels: plan.selector ?? renderSelector(plan.name) },
        endpoints: [{ ...plan.metrics, interval: "30s" }],
      },
    },
    { parent },
  );
}
