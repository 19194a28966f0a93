import type { Dashboard } from "./dashboard";
import { timeSeries } from "./panels";

const NODE = 'node=~"$node"';
const DISK = `${NODE},device!~"loop.*|dm-.*"`;
const NIC = `${NODE},device!~"lo|cali.*|tunl.*|veth.*"`;

/** One machine in detail. */
export const nodeMetrics: Dashboard = {
  uid: "node-metrics",
  title: "Node metrics in detail",
  description: "CPU, memory, disks, network and clock of each machine.",
  tags: ["nodes"],
  variables: [
    {
      name: "node",
      label: "Machine",
      source: { prometheus: { metric: "node_uname_info", label: "node" } },
    },
  ],
  rows: [
    {
      title: "CPU and memory",
      panels: [
        timeSeries(
          "CPU by mode",
          [
            {
              expr: `sum by (node, mode) (rate(node_cpu_seconds_total{${NODE},mode!="idle"}[5m]))`,
              legend: "{{node}} {{mode}}",
            },
          ],
          { unit: "short" },
        ),
        timeSeries("Load", [
          { expr: `node_load1{${NODE}}`, legend: "{{node}} 1m" },
          { expr: `node_load15{${NODE}}`, legend: "{{node}} 15m" },
        ]),
        timeSeries(
          "Memory",
          [
            {
              expr: `node_memory_MemTotal_bytes{${NODE}} - node_memory_MemAvailable_bytes{${NODE}}`,
              legend: "{{node}} used",
            },
            { expr: `node_memory_Cached_bytes{${NODE}}`, legend: "{{node}} cached" },
          ],
          { unit: "bytes", min: 0 },
        ),
        timeSeries(
          "Pressure: share of time in which something waits",
          [
            {
              expr: `rate(node_pressure_cpu_waiting_seconds_total{${NODE}}[5m])`,
              legend: "{{node}} CPU",
            },
            {
              expr: `rate(node_pressure_memory_waiting_seconds_total{${NODE}}[5m])`,
              legend: "{{node}} memory",
            },
            {
              expr: `rate(node_pressure_io_waiting_seconds_total{${NODE}}[5m])`,
              legend: "{{node}} disk",
            },
          ],
          { unit: "percentunit", min: 0 },
        ),
      ],
    },
    {
      title: "Disks",
      panels: [
        timeSeries(
          "Space used",
          [
            {
              expr: `100 * (1 - node_filesystem_avail_bytes{${NODE}} / node_filesystem_size_bytes{${NODE}})`,
              legend: "{{node}} {{mountpoint}}",
            },
          ],
          { unit: "percent", min: 0, max: 100 },
        ),
        timeSeries(
          "Busy",
          [
            {
              expr: `rate(node_disk_io_time_seconds_total{${DISK}}[5m])`,
              legend: "{{node}} {{device}}",
            },
          ],
          { unit: "percentunit", min: 0 },
        ),
        timeSeries(
          "Read and written",
          [
            {
              expr: `rate(node_disk_read_bytes_total{${DISK}}[5m])`,
              legend: "{{node}} {{device}} read",
            },
            {
              expr: `-rate(node_disk_written_bytes_total{${DISK}}[5m])`,
              legend: "{{node}} {{device}} written",
            },
          ],
          { unit: "Bps" },
        ),
      ],
    },
    {
      title: "Network and clock",
      panels: [
        timeSeries(
          "Network",
          [
            {
              expr: `rate(node_network_receive_bytes_total{${NIC}}[5m])`,
              legend: "{{node}} {{device}} in",
            },
            {
              expr: `-rate(node_network_transmit_bytes_total{${NIC}}[5m])`,
              legend: "{{node}} {{device}} out",
            },
          ],
          { unit: "Bps" },
        ),
        timeSeries(
          "Clock offset",
          [{ expr: `node_timex_offset_seconds{${NODE}}`, legend: "{{node}}" }],
          { unit: "s" },
        ),
      ],
    },
  ],
};
