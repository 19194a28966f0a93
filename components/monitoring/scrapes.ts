import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ScrapeNeed } from "../shared/facts";
import { METRICS_READER, MONITORING_NAMESPACE } from "../shared/metrics";
import { renderDuration } from "../shared/units";
import type { CommonConfig } from "./config";
import { createGrant } from "./rbac";

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
        ...(need.asksWho === true
          ? { authorization: { credentials: { name: METRICS_READER, key: "token" } } }
          : {}),
        relabelings: [{ targetLabel: "job", replacement: name, action: "replace" }],
      },
    ],
  };
}

/**
 * The account for programs that ask who reads. Prometheus has an account already, but a PodMonitor takes a token only of a
 * Secret: this one may do so little that its token may lie there.
 */
export function createMetricsReader(
  parent: string,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const metadata = { name: METRICS_READER, namespace: MONITORING_NAMESPACE };
  const prefix = `${parent}-${METRICS_READER}`;
  const account = new kubernetes.core.v1.ServiceAccount(
    prefix,
    { metadata, automountServiceAccountToken: false },
    opts,
  );
  const token = new kubernetes.core.v1.Secret(
    `${prefix}-token`,
    {
      // The token controller fills it in.
      metadata: {
        ...metadata,
        annotations: { "kubernetes.io/service-account.name": METRICS_READER },
      },
      type: "kubernetes.io/service-account-token",
    },
    { ...opts, dependsOn: [account], ignoreChanges: ["data", "stringData"] },
  );
  const rules = [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }];
  const grant = { name: METRICS_READER, account: METRICS_READER, rules };
  return [token, ...createGrant(parent, grant, opts)];
}
