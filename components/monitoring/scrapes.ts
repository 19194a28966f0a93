import type { ScrapeNeed } from "../shared/facts";
import { renderDuration } from "../shared/units";
import type { CommonConfig } from "./config";

/** The spec of the PodMonitor that reads what another layer wants to have read. */
export function renderScrape(need: ScrapeNeed, config: Pick<CommonConfig, "scrapeInterval">) {
  const { name, namespace, pods, port, path = "/metrics", scheme = "http" } = need;
  return {
    namespaceSelector: { matchNames: [namespace] },
    selector: { matchLabels: { ...pods } },
    podMetricsEndpoints: [
      {
        portNumber: port,
        path,
        scheme,
        interval: renderDuration(config.scrapeInterval),
        // It made its certificate itself, and the way there is within the cluster.
        ...(scheme === "https" ? { tlsConfig: { insecureSkipVerify: true } } : {}),
        relabelings: [{ targetLabel: "job", replacement: name, action: "replace" }],
      },
    ],
  };
}
