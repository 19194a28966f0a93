import { renderDuration } from "../shared/units";
import type { MonitoringSite } from "./context";
import { HOME_DASHBOARD, listDashboards } from "./dashboards";
import type { Values } from "./json";
import { CLAIMS, dashboardConfigMap, SECRETS, URLS } from "./names";
import { renderPlacement, renderResources } from "./render-placement";

/** Each dashboard in a folder of its own below this one. */
const DASHBOARDS = "/etc/grafana/dashboards";

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

/** grafana.ini: who has not logged in sees nothing, as a viewer can ask for every log; nobody signs up by himself. */
const renderIni = (anonymous: boolean): Values => ({
  "auth.anonymous": { enabled: anonymous, org_role: "Viewer" },
  users: { allow_sign_up: false },
  dashboards: {
    default_home_dashboard_path: `${DASHBOARDS}/${HOME_DASHBOARD}/${HOME_DASHBOARD}.json`,
  },
  // Nothing is sent to, or fetched from, the internet.
  analytics: {
    reporting_enabled: false,
    check_for_updates: false,
    check_for_plugin_updates: false,
  },
  plugins: { preinstall_disabled: true, public_key_retrieval_disabled: true },
  news: { news_feed_enabled: false },
});

/**
 * The dashboards, mounted from their ConfigMaps; a change arrives without a restart. The chart's sidecar would
 * fetch them by label, but only with the right to read every Secret of the namespace.
 */
function renderDashboardFiles(site: MonitoringSite) {
  return {
    sidecar: { dashboards: { enabled: false }, datasources: { enabled: false } },
    extraConfigmapMounts: listDashboards(site).map(({ uid }) => ({
      name: dashboardConfigMap(uid),
      configMap: dashboardConfigMap(uid),
      mountPath: `${DASHBOARDS}/${uid}`,
      readOnly: true,
    })),
    dashboardProviders: {
      "dashboardproviders.yaml": {
        apiVersion: 1,
        providers: [
          {
            name: "vmstation",
            type: "file",
            allowUiUpdates: false,
            disableDeletion: false,
            updateIntervalSeconds: 60,
            options: { path: DASHBOARDS },
          },
        ],
      },
    },
  };
}

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
    "grafana.ini": renderIni(config.grafana.anonymous),
    defaultDashboardsEnabled: false,
    datasources: { "datasources.yaml": renderDataSources(site) },
    ...renderDashboardFiles(site),
    // It asks the API server for nothing.
    rbac: { create: false },
    automountServiceAccountToken: false,
    serviceMonitor: { enabled: true, interval: renderDuration(config.scrapeInterval) },
  };
}
