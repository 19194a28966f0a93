import * as crypto from "node:crypto";
import type { DashboardNeed, PanelNeed } from "../../shared/facts";
import type { AppPlan } from "./app";

type Watched = Pick<AppPlan, "name" | "title" | "machine" | "panels">;

/** The app's dashboard: its pods, what they use, what the app itself wants shown, and its logs. */
export function renderDashboard(plan: Watched, sleeps: boolean): DashboardNeed {
  return {
    uid: dashboardUid(plan.name),
    title: plan.title,
    description: `${plan.title} on ${plan.machine ?? "any machine that is always on"}${sleeps ? ", asleep when nobody uses it" : ""}.`,
    panels: [
      ...renderState(plan),
      ...(sleeps && plan.machine !== undefined ? renderSleep(plan.machine) : []),
      ...renderUse(plan.name),
      ...(plan.panels ?? []),
      { kind: "logs", title: "Logs", expr: `{job="containers",namespace="${plan.name}"}` },
    ],
  };
}

/** Of at most 40 characters, which is all that Grafana takes; what is longer ends in its digest. */
export function dashboardUid(name: string): string {
  const uid = `app-${name}`;
  if (uid.length <= 40) return uid;
  return `${uid.slice(0, 31)}-${crypto.createHash("sha256").update(uid).digest("hex").slice(0, 8)}`;
}

function renderState({ name }: Watched): PanelNeed[] {
  const ready = `kube_pod_status_ready{namespace="${name}",condition="true"}`;
  const restarts = `kube_pod_container_status_restarts_total{namespace="${name}"}`;
  return [
    figure("Ready pods", `sum(${ready}) or vector(0)`),
    figure("Restarts, one day", `sum(increase(${restarts}[1d])) or vector(0)`),
  ];
}

function renderSleep(machine: string): PanelNeed[] {
  const asleep = "vmstation_power_asleep_seconds_total";
  const wakes = "vmstation_power_wakes_total";
  return [
    figure("Asleep, one day", `increase(${asleep}{node="${machine}"}[1d])`, "s"),
    figure("Wakes, one day", `increase(${wakes}{node="${machine}"}[1d])`),
  ];
}

function renderUse(name: string): PanelNeed[] {
  const pods = `namespace="${name}"`;
  const network = (direction: "receive" | "transmit") => ({
    expr: `sum(rate(container_network_${direction}_bytes_total{${pods}}[5m]))`,
    legend: direction,
  });
  return [
    lines("CPU, cores", [
      {
        expr: `sum by (pod) (rate(container_cpu_usage_seconds_total{${pods},container!=""}[5m]))`,
        legend: "{{pod}}",
      },
    ]),
    lines(
      "Memory",
      [
        {
          expr: `sum by (pod) (container_memory_working_set_bytes{${pods},container!=""})`,
          legend: "{{pod}}",
        },
      ],
      "bytes",
    ),
    lines("Network", [network("receive"), network("transmit")], "Bps"),
  ];
}

function figure(title: string, expr: string, unit?: string): PanelNeed {
  return { kind: "figure", title, queries: [{ expr }], ...(unit === undefined ? {} : { unit }) };
}

function lines(
  title: string,
  queries: readonly { readonly expr: string; readonly legend: string }[],
  unit?: string,
): PanelNeed {
  return { kind: "lines", title, queries, ...(unit === undefined ? {} : { unit }) };
}
