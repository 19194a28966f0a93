import { MINUTE, type AlertGroup } from "../../shared/alerts";
import type { DashboardNeed } from "../../shared/facts";
import { NAMESPACE } from "./names";

/** What is wrong before somebody misses an address. */
export const loadBalancerAlerts: AlertGroup = {
  name: "load-balancer",
  rules: [
    {
      alert: "AddressPoolFull",
      expr: "sum by (pool) (metallb_allocator_addresses_in_use_total) >= sum by (pool) (metallb_allocator_addresses_total)",
      forSeconds: 5 * MINUTE,
      severity: "warning",
      summary: "All addresses of the pool {{ $labels.pool }} are taken",
      description:
        "The next Service of type LoadBalancer gets none: add a range to vmstation:platform.loadBalancer.addresses.",
    },
    {
      alert: "LoadBalancerConfigRefused",
      expr: "metallb_k8s_client_config_stale_bool == 1",
      forSeconds: 5 * MINUTE,
      severity: "warning",
      summary: "MetalLB on {{ $labels.node }} works by an earlier configuration",
      description: `It refuses the one that it has: kubectl -n ${NAMESPACE} logs {{ $labels.pod }}.`,
    },
    {
      alert: "LoadBalancerDown",
      expr: 'absent(up{job="metallb-controller"} == 1)',
      forSeconds: 10 * MINUTE,
      severity: "warning",
      summary: "MetalLB's controller does not answer",
      description: `Services keep their addresses, and no new one gets any: kubectl -n ${NAMESPACE} get pods.`,
    },
  ],
};

export const loadBalancerDashboard: DashboardNeed = {
  uid: "platform-load-balancer",
  title: "Load balancer",
  description: "The addresses of the LAN that Services have, and which machine answers for them.",
  panels: [
    {
      kind: "figure",
      title: "Addresses in use",
      queries: [{ expr: "sum(metallb_allocator_addresses_in_use_total)" }],
    },
    {
      kind: "figure",
      title: "Addresses in all",
      queries: [{ expr: "sum(metallb_allocator_addresses_total)" }],
    },
    {
      kind: "lines",
      title: "Services that a machine answers for",
      queries: [{ expr: "count by (node) (metallb_speaker_announced)", legend: "{{node}}" }],
    },
    {
      kind: "logs",
      title: "What MetalLB says",
      expr: `{namespace="${NAMESPACE}"}`,
    },
  ],
};
