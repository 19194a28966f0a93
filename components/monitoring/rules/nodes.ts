import { MINUTE, unlessAsleep, type RuleGroup } from "./rule";

/** A machine's own health: reachable, not overloaded, disks not full. */
export const nodeRules: RuleGroup = {
  name: "nodes",
  rules: [
    {
      alert: "NodeExporterDown",
      expr: unlessAsleep('up{job="node-exporter"} == 0'),
      forSeconds: 2 * MINUTE,
      severity: "critical",
      summary: "No metrics from {{ $labels.node }}",
      description:
        "node_exporter on {{ $labels.node }} does not answer, and the machine does not sleep on purpose. Is it on, does it answer SSH, does its pod run?",
    },
    {
      alert: "HighNodeCPU",
      expr: '100 * (1 - avg by (node) (rate(node_cpu_seconds_total{mode="idle"}[5m]))) > 85',
      forSeconds: 5 * MINUTE,
      severity: "warning",
      summary: "{{ $labels.node }} is {{ $value | humanize }} % busy",
      description: "All cores together, averaged over five minutes.",
    },
    {
      alert: "HighMemoryUsage",
      expr: "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) > 90",
      forSeconds: 5 * MINUTE,
      severity: "warning",
      summary: "{{ $labels.node }} uses {{ $value | humanize }} % of its memory",
      description: "Memory that is not available to a new program without swapping.",
    },
    {
      alert: "DiskAlmostFull",
      expr: '100 * node_filesystem_avail_bytes{fstype=~"ext4|xfs|btrfs"} / node_filesystem_size_bytes < 10',
      forSeconds: 15 * MINUTE,
      severity: "warning",
      summary: "{{ $labels.mountpoint }} on {{ $labels.node }}: {{ $value | humanize }} % free",
      description: "Loki and Prometheus stop writing when the disk of their volumes is full.",
    },
    {
      // check-api.sh on each control plane says whether it holds the address. One that is dead says nothing.
      alert: "VirtualAddressNotHeldOnce",
      expr: "sum by (address) (vmstation_endpoint_holds) != 1",
      forSeconds: 2 * MINUTE,
      severity: "critical",
      summary: "{{ $value }} control planes hold the API server's address {{ $labels.address }}",
      description:
        "One has to hold it. None: no API server is ready. Several: they do not hear each other by VRRP. Look at `journalctl -u vmstation-endpoint` on each.",
    },
  ],
};
