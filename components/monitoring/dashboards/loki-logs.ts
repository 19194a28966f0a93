import type { Dashboard } from "./dashboard";
import { logs, logVolume } from "./panels";

const STREAM = '{job="containers",namespace=~"$namespace",app=~"$app"}';

/** The logs of containers. */
export const lokiLogs: Dashboard = {
  uid: "loki-logs",
  title: "Loki logs",
  description: "What containers write, by namespace and app.",
  tags: ["logs"],
  from: "now-1h",
  variables: [
    {
      name: "namespace",
      label: "Namespace",
      source: { loki: { label: "namespace", stream: '{job="containers"}' } },
    },
    {
      name: "app",
      label: "App",
      source: { loki: { label: "app", stream: '{job="containers"}' } },
    },
  ],
  rows: [
    {
      title: "How much",
      panels: [
        logVolume("Lines", `sum by (app) (count_over_time(${STREAM}[$__auto]))`, "{{app}}"),
        logVolume(
          "Lines that speak of an error",
          `sum by (app) (count_over_time(${STREAM} |~ "(?i)error|panic|fatal" [$__auto]))`,
          "{{app}}",
        ),
      ],
    },
    { title: "Lines", panels: [logs("Logs", STREAM)] },
  ],
};
