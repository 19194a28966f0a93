import type { Dashboard } from "./dashboard";
import { logs, logVolume, stat } from "./panels";

const REMOTE = '{job="syslog",host=~"$host"}';

/** The machines' system logs: their journals, and what the log server received. */
export const syslog: Dashboard = {
  uid: "syslog",
  title: "Syslog",
  description: "System logs that the log server received, and each machine's own journal.",
  tags: ["logs"],
  from: "now-6h",
  variables: [
    {
      name: "host",
      label: "Sender",
      source: { loki: { label: "host", stream: '{job="syslog"}' } },
    },
    {
      name: "node",
      label: "Machine",
      source: { loki: { label: "node", stream: '{job="journal"}' } },
    },
  ],
  rows: [
    {
      title: "Log server",
      panels: [
        stat("Answers", [{ expr: 'min(probe_success{job="syslog-server"})' }]),
        logVolume(
          "Lines by sender",
          `sum by (host) (count_over_time(${REMOTE}[$__auto]))`,
          "{{host}}",
          { width: 20 },
        ),
        logs("Received", REMOTE, { height: 12 }),
      ],
    },
    {
      title: "Journals",
      panels: [
        logVolume(
          "Warnings and worse, by machine",
          'sum by (node) (count_over_time({job="journal",node=~"$node",level=~"emerg|alert|crit|err|error|warning"}[$__auto]))',
          "{{node}}",
          { width: 24 },
        ),
        logs(
          "Warnings and worse",
          '{job="journal",node=~"$node",level=~"emerg|alert|crit|err|error|warning"}',
          { height: 12 },
        ),
      ],
    },
  ],
};
