import type { Dashboard } from "./dashboard";
import { stat, timeSeries } from "./panels";

/** Name resolution inside the cluster. */
export const coreDns: Dashboard = {
  uid: "coredns",
  title: "CoreDNS",
  description: "Requests, answers, latency and cache of the cluster's DNS.",
  tags: ["kubernetes", "network"],
  rows: [
    {
      title: "Now",
      panels: [
        stat("Instances up", [{ expr: 'sum(up{job="coredns"})' }]),
        stat("Requests a second", [{ expr: "sum(rate(coredns_dns_requests_total[5m]))" }]),
        stat(
          "Answered from the cache",
          [
            {
              expr: "sum(rate(coredns_cache_hits_total[5m])) / sum(rate(coredns_cache_requests_total[5m]))",
            },
          ],
          { unit: "percentunit" },
        ),
        stat(
          "Failures a second",
          [
            {
              expr: 'sum(rate(coredns_dns_responses_total{rcode="SERVFAIL"}[5m])) or vector(0)',
            },
          ],
          { thresholds: [0.1, 1] },
        ),
      ],
    },
    {
      title: "Over time",
      panels: [
        timeSeries("Requests by type", [
          {
            expr: "sum by (type) (rate(coredns_dns_requests_total[5m]))",
            legend: "{{type}}",
          },
        ]),
        timeSeries("Answers by code", [
          {
            expr: "sum by (rcode) (rate(coredns_dns_responses_total[5m]))",
            legend: "{{rcode}}",
          },
        ]),
        timeSeries(
          "Latency",
          [0.5, 0.95, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(coredns_dns_request_duration_seconds_bucket[5m])))`,
            legend: `p${quantile * 100}`,
          })),
          { unit: "s" },
        ),
        timeSeries(
          "Latency of upstream servers (p95)",
          [
            {
              expr: 'histogram_quantile(0.95, sum by (le, to) (rate(coredns_proxy_request_duration_seconds_bucket{proxy_name="forward"}[5m])))',
              legend: "{{to}}",
            },
          ],
          { unit: "s" },
        ),
      ],
    },
  ],
};
