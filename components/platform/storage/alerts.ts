import { MINUTE, type AlertGroup } from "../../shared/alerts";
import type { DashboardNeed } from "../../shared/facts";
import { ASLEEP } from "../../shared/metrics";
import { NAMESPACES } from "./names";

/** While a machine sleeps, what is on it has no pod, and a claim may wait for its first one. */
export const storageAlerts: AlertGroup = {
  name: "storage-classes",
  rules: [
    {
      alert: "ClaimWaits",
      expr: `(kube_persistentvolumeclaim_status_phase{phase="Pending"} == 1) unless on () (max(${ASLEEP}) == 1)`,
      forSeconds: 30 * MINUTE,
      severity: "warning",
      summary:
        "The claim {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} has no volume",
      description:
        "Its events say why: kubectl -n {{ $labels.namespace }} describe persistentvolumeclaim {{ $labels.persistentvolumeclaim }}.",
    },
    {
      alert: "VolumeFailed",
      expr: 'kube_persistentvolume_status_phase{phase="Failed"} == 1',
      forSeconds: 15 * MINUTE,
      severity: "warning",
      summary: "The volume {{ $labels.persistentvolume }} is in a failed state",
      description: "kubectl describe persistentvolume {{ $labels.persistentvolume }} says why.",
    },
  ],
};

export const storageDashboard: DashboardNeed = {
  uid: "platform-storage",
  title: "Storage classes",
  description: "Claims and volumes, and what those say that make them.",
  panels: [
    {
      kind: "lines",
      title: "Claims by state",
      queries: [
        { expr: "sum by (phase) (kube_persistentvolumeclaim_status_phase)", legend: "{{phase}}" },
      ],
    },
    {
      kind: "lines",
      title: "Volumes by state",
      queries: [
        { expr: "sum by (phase) (kube_persistentvolume_status_phase)", legend: "{{phase}}" },
      ],
    },
    {
      kind: "logs",
      title: "What the provisioners say",
      expr: `{namespace=~"${Object.values(NAMESPACES).join("|")}"}`,
    },
  ],
};
