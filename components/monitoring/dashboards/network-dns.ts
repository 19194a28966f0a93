import type { Dashboard } from "./dashboard";
import { stateTimeline, timeSeries } from "./panels";

/** What the probes see: services, the internet, machines, name resolution. */
export const networkDns: Dashboard = {
  uid: "network-dns",
  title: "Network and DNS performance",
  description: "Probes from the monitoring machine, and the traffic of machines and pods.",
  tags: ["network"],
  rows: [
    {
      title: "Probes",
      panels: [
        stateTimeline("Reachable", { expr: "probe_success", legend: "{{job}} {{instance}}" }, [
          { value: 1, text: "yes", color: "green" },
          { value: 0, text: "no", color: "red" },
        ]),
        timeSeries(
          "Round trip (ICMP)",
          [{ expr: 'probe_icmp_duration_seconds{phase="rtt"}', legend: "{{instance}}" }],
          { unit: "s" },
        ),
        timeSeries(
          "HTTP",
          [
            {
              expr: "sum by (instance) (probe_http_duration_seconds)",
              legend: "{{instance}}",
            },
          ],
          { unit: "s" },
        ),
        timeSeries(
          "Name resolution through the cluster's DNS",
          [{ expr: 'probe_duration_seconds{job="blackbox-dns"}', legend: "{{instance}}" }],
          { unit: "s" },
        ),
        timeSeries(
          "Certificates expire in",
          [{ expr: "probe_ssl_earliest_cert_expiry - time()", legend: "{{instance}}" }],
          { unit: "s" },
        ),
      ],
    },
    {
      title: "Traffic",
      panels: [
        timeSeries(
          "Pods, by namespace",
          [
            {
              expr: "sum by (namespace) (rate(container_network_receive_bytes_total[5m]))",
              legend: "{{namespace}} in",
            },
            {
              expr: "-sum by (namespace) (rate(container_network_transmit_bytes_total[5m]))",
              legend: "{{namespace}} out",
            },
          ],
          { unit: "Bps" },
        ),
        timeSeries("Errors and drops of machines' NICs, a second", [
          {
            expr: 'sum by (node, device) (rate(node_network_receive_errs_total{device!~"cali.*|tunl.*"}[5m]) + rate(node_network_receive_drop_total{device!~"cali.*|tunl.*"}[5m]))',
            legend: "{{node}} {{device}} in",
          },
          {
            expr: 'sum by (node, device) (rate(node_network_transmit_errs_total{device!~"cali.*|tunl.*"}[5m]) + rate(node_network_transmit_drop_total{device!~"cali.*|tunl.*"}[5m]))',
            legend: "{{node}} {{device}} out",
          },
        ]),
        timeSeries("TCP segments sent again, a second", [
          { expr: "rate(node_netstat_Tcp_RetransSegs[5m])", legend: "{{node}}" },
        ]),
        timeSeries("Tracked connections, share of the limit", [
          {
            expr: "node_nf_conntrack_entries / node_nf_conntrack_entries_limit",
            legend: "{{node}}",
          },
        ]),
      ],
    },
  ],
};
