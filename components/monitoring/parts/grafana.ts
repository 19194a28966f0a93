import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { z } from "zod";
import { nodePort, resources, size } from "../../shared/scalars";
import { renderDuration } from "../../shared/units";
import type { DashboardFile } from "../../shared/facts";
import { renderDashboard, type Dashboard } from "../dashboards/dashboard";
import type { Values } from "../../shared/json";
import { configuredMemory } from "../limits";
import { dashboardConfigMap, hostOf, NAMESPACE, podsNamed } from "../names";
import { namedService, namedUrl } from "../named-service";
import { hostKeys } from "../../shared/hosts";
import {
  definePart,
  type AllParts,
  type Made,
  type PartFrame,
  type PartSite,
  type Service,
} from "../part";
import { renderPlacement, renderResources } from "../../shared/placement";
import { STACK } from "./kube-prometheus-stack";
import { LOKI } from "./loki";
import { PROMETHEUS } from "./prometheus";

const NAME = "grafana";
const PODS = podsNamed(NAME);

/** The claim on its volume, and the Secret with its administrator's password. */
const CLAIM = "grafana";
const ADMIN_SECRET = "grafana-admin";

const GRAFANA: Service = {
  name: NAME,
  title: "Grafana",
  pods: PODS,
  port: 3000,
  url: `http://${hostOf(`${STACK}-grafana`)}`,
  healthPath: "/api/health",
  clientsPolicy: "grafana-from-probes",
};

const grafanaSchema = z
  .strictObject({
    nodePort: nodePort.prefault(30_300).describe("Port on the monitoring machine"),
    host: hostKeys.host,
    anonymous: z
      .boolean()
      .prefault(false)
      .describe("Whether anybody on the LAN sees dashboards and all logs without logging in"),
    volumeSize: size.prefault("5Gi").describe("Size of its volume"),
    resources: resources({
      requests: { cpu: "100m", memory: "192Mi" },
      limits: { cpu: "1", memory: "512Mi" },
    }),
  })
  .prefault({})
  .describe("Dashboards");

type GrafanaSite = PartSite<{ grafana: typeof grafanaSchema }>;

/** Each dashboard has a folder of its own below this one. */
const DASHBOARDS = "/etc/grafana/dashboards";

/** Grafana's data sources. The dashboards refer to them by uid. */
function renderDataSources(site: GrafanaSite) {
  return {
    apiVersion: 1,
    prune: true,
    datasources: [
      {
        name: "Prometheus",
        uid: "prometheus",
        type: "prometheus",
        url: PROMETHEUS.url,
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
        url: LOKI.url,
        access: "proxy",
        jsonData: { maxLines: 1000 },
      },
    ],
  };
}

/** grafana.ini. By default nobody sees anything without a log-in, as a viewer can query every log. */
const renderIni = (anonymous: boolean, home: string, url: string | undefined): Values => ({
  // For the links in what it sends.
  ...(url === undefined ? {} : { server: { root_url: url } }),
  "auth.anonymous": { enabled: anonymous, org_role: "Viewer" },
  users: { allow_sign_up: false },
  dashboards: {
    default_home_dashboard_path: `${DASHBOARDS}/${home}/${home}.json`,
  },
  // Grafana connects to nothing on the internet.
  analytics: {
    reporting_enabled: false,
    check_for_updates: false,
    check_for_plugin_updates: false,
  },
  plugins: { preinstall_disabled: true, public_key_retrieval_disabled: true },
  news: { news_feed_enabled: false },
});

/**
 * The dashboards, mounted from their ConfigMaps. A change arrives without a restart. The chart's sidecar could
 * fetch them by label, but it needs the right to read every Secret of the namespace.
 */
function renderDashboardFiles(dashboards: readonly { readonly uid: string }[]) {
  return {
    sidecar: { dashboards: { enabled: false }, datasources: { enabled: false } },
    extraConfigmapMounts: dashboards.map(({ uid }) => ({
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
function renderValues(site: GrafanaSite, { dashboards, dashboardFiles }: AllParts): Values {
  const { config } = site;
  return {
    admin: {
      existingSecret: ADMIN_SECRET,
      userKey: "admin-user",
      passwordKey: "admin-password",
    },
    resources: renderResources(config.grafana.resources),
    ...renderPlacement(config.machine),
    // One pod at a time may use its volume: the old pod ends before the new one starts.
    deploymentStrategy: { type: "Recreate" },
    persistence: { enabled: true, existingClaim: CLAIM },
    initChownData: { enabled: false },
    testFramework: { enabled: false },
    "grafana.ini": renderIni(
      config.grafana.anonymous,
      dashboards[0]?.uid ?? "",
      namedUrl(config.grafana.host, site.ingress),
    ),
    defaultDashboardsEnabled: false,
    datasources: { "datasources.yaml": renderDataSources(site) },
    ...renderDashboardFiles([...dashboards, ...dashboardFiles]),
    // It does not use the API server.
    rbac: { create: false },
    automountServiceAccountToken: false,
    serviceMonitor: { enabled: true, interval: renderDuration(config.scrapeInterval) },
  };
}

/** Our own by lines, so that a change of one is seen. */
const renderText = (dashboard: Dashboard): DashboardFile => ({
  uid: dashboard.uid,
  text: JSON.stringify(renderDashboard(dashboard), null, 1),
});

function createDashboard({ uid, text }: DashboardFile, frame: PartFrame): pulumi.Resource {
  return new kubernetes.core.v1.ConfigMap(
    `${frame.prefix}-dashboard-${uid}`,
    {
      metadata: { name: dashboardConfigMap(uid), namespace: NAMESPACE },
      data: { [`${uid}.json`]: text },
    },
    frame.opts(),
  );
}

/** The administrator's password, and every dashboard. */
function create(frame: PartFrame, { dashboards, dashboardFiles }: AllParts): Made {
  const password = new random.RandomPassword(
    `${frame.prefix}-grafana-password`,
    { length: 32, special: false },
    frame.opts(),
  );
  const secret = new kubernetes.core.v1.Secret(
    `${frame.prefix}-${ADMIN_SECRET}`,
    {
      metadata: { name: ADMIN_SECRET, namespace: NAMESPACE },
      stringData: { "admin-user": "admin", "admin-password": password.result },
    },
    frame.opts(),
  );
  const texts = [...dashboards.map(renderText), ...dashboardFiles];
  const configMaps = texts.map((each) => createDashboard(each, frame));
  return { before: [secret, ...configMaps], outputs: { grafanaPassword: password.result } };
}

/** Shows metrics and logs to people. */
export const grafana = definePart({
  name: NAME,
  place: 6,
  keys: { grafana: grafanaSchema },
  plan: (site) => {
    const { grafana: config, machine } = site.config;
    return {
      serves: [
        {
          ...GRAFANA,
          nodePort: config.nodePort,
          path: "monitoring.grafana.nodePort",
          lanPeers: [{ cidr: site.lan.cidr }],
          isShown: true,
        },
      ],
      hosts: namedService({
        ...GRAFANA,
        written: config.host,
        path: "monitoring.grafana.host",
        service: `${STACK}-grafana`,
        servicePort: 80,
      }),
      connects: () => [PROMETHEUS, LOKI].map((to) => ({ client: NAME, pods: PODS, to })),
      memory: [configuredMemory("grafana", "Grafana", config, machine)],
      volumes: [
        {
          name: NAME,
          user: "Grafana",
          claim: CLAIM,
          pods: PODS,
          bytes: config.volumeSize,
          owner: { uid: 472, gid: 472 },
          leaveOut: [],
          // Users and preferences, in SQLite.
          hasDatabases: true,
        },
      ],
      create,
      addsTo: (all) => ({ release: STACK, values: { grafana: renderValues(site, all) } }),
    };
  },
});
