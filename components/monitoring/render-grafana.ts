import { renderDuration } from "../units";
import type { MonitoringSite } from "./context";
import { HOME_DASHBOARD } from "./dashboards";
import type { Values } from "./json";
import { CLAIMS, NAMESPACE, SECRETS, URLS } from "./names";
import { renderPlacement, renderResources } from "./render-placement";
import { SMALL } from "./sidecars";

const DASHBOARDS = "/tmp/dashboards";

/** Grafana's data sources; the names that the dashboards refer to are their uids. */
function renderDataSources(site: MonitoringSite) {
  return {
    apiVersion: 1,
    prune: true,
    datasources: [
      {
        name: "Prometheus",
        uid: "prometheus",
        type: "prometheus",
        url: URLS.prometheus,
        access: "proxy",
        isDefault: true,
        jsonData: {
          timeInterval: renderDuration(site.config.scrapeInterval),
          httpMethod: "POST",
        },
      },
      {
        name: "Loki",
        uid: "loki",
        type: "loki",
        url: URLS.loki,
        access: "proxy",
        jsonData: { maxLines: 1000 },
      },
    ],
  };
}

/** grafana.ini: anybody on the LAN may look, only the administrator may change. */
const INI = {
  "auth.anonymous": { enabled: true, org_role: "Viewer" },
  users: { allow_sign_up: false },
  dashboards: { default_home_dashboard_path: `${DASHBOARDS}/${HOME_DASHBOARD}.json` },
  // Nothing is sent to, or fetched from, the internet.
  analytics: {
    reporting_enabled: false,
    check_for_updates: false,
    check_for_plugin_updates: false,
  },
  plugins: { preinstall_disabled: true, public_key_retrieval_disabled: true },
  news: { news_feed_enabled: false },
};

/** The `grafana` part of kube-prometheus-stack's values. */
export function renderGrafanaValues(site: MonitoringSite): Values {
  const { config } = site;
  return {
    admin: {
      existingSecret: SECRETS.grafanaAdmin,
      userKey: "admin-user",
      passwordKey: "admin-password",
    },
    resources: renderResources(config.grafana.resources),
    ...renderPlacement(config.machine),
    // Its volume is bound to one pod: the old one has to go before the new one comes.
    deploymentStrategy: { type: "Recreate" },
    persistence: { enabled: true, existingClaim: CLAIMS.grafana },
    initChownData: { enabled: false },
    testFramework: { enabled: false },
    "grafana.ini": INI,
    defaultDashboardsEnabled: false,
    datasources: { "datasources.yaml": renderDataSources(site) },
    rbac: { namespaced: true },
    sidecar: {
      resources: renderResources(SMALL.dashboardLoader),
      datasources: { enabled: false },
      dashboards: {
        enabled: true,
        folder: DASHBOARDS,
        // Only its own namespace's ConfigMaps: no right to read Secrets, none outside.
        searchNamespace: NAMESPACE,
        resource: "configmap",
      },
    },
    serviceMonitor: { enabled: true, interval: renderDuration(config.scrapeInterval) },
  };
}
