import { z } from "zod";
import {
  absolutePath,
  dnsLabel,
  nodePort,
  resources,
  secretName,
  size,
} from "../../shared/scalars";
import { readScript } from "../../remote/step";
import type { App, AppPlan, AppPort, AppSite, AppVolume } from "../frame/app";
import { planDiscovery } from "./discovery";
import { deployJellyfin, JELLYFIN_PORTS } from "./workload";
import { hostKeys } from "../../shared/hosts";
import { routeOf } from "../frame/route";
import { renderInternetEgress, renderPortPolicy, renderScrapePolicy } from "../frame/policies";
import { ownBackups, ownVolume } from "../frame/own-volume";
import { userId, volumeKeys } from "../frame/schema";

const GROUP = "a group id, such as 105";

/** Jellyfin, the media server. */
const jellyfinSchema = z
  .strictObject({
    machine: dnsLabel.describe("The machine that holds the media and runs Jellyfin"),
    nodePort: nodePort.prefault(30_096).describe("Where people reach it, HTTP"),
    ...hostKeys,
    tlsNodePort: nodePort.prefault(30_920).describe("Where people reach it, TLS"),
    config: z
      .strictObject({
        ...volumeKeys("/var/lib/jellyfin", "20Gi"),
      })
      .prefault({})
      .describe("Settings, library and watch states; kept when Jellyfin is removed"),
    name: z
      .string()
      .regex(/^[\w .-]{1,40}$/, "a name of 40 letters, digits, spaces, dots or hyphens at most")
      .prefault("Jellyfin")
      .describe("Name that clients on the LAN show"),
    discovery: z
      .boolean()
      .prefault(true)
      .describe("The control plane answers clients that look for a server on the LAN (UDP 7359)"),
    cacheSize: size.prefault("10Gi").describe("Largest size of cache and transcodes"),
    media: z
      .strictObject({
        path: absolutePath.prefault("/srv/media").describe("Folder on the machine"),
        size: size.prefault("1Ti").describe("Shown by the volume; nothing enforces it"),
      })
      .prefault({})
      .describe("The media, which Jellyfin only reads"),
    uid: userId.prefault(1000).describe("User and group that it runs as"),
    hardwareTranscoding: z
      .strictObject({
        resource: z
          .string()
          .regex(
            /^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/,
            "an extended resource such as gpu.intel.com/i915",
          )
          .describe("What a device plugin on the machine offers"),
        group: z
          .int(GROUP)
          .min(1, GROUP)
          .describe("Group that owns the device: stat -c %g /dev/dri/renderD128"),
      })
      .optional()
      .describe(
        "A GPU for transcoding, offered by a device plugin. If not set, the CPU transcodes",
      ),
    apiKeySecret: secretName
      .optional()
      .describe(
        "Secret key with an API key of Jellyfin, by which the power controller asks whether somebody plays",
      ),
    resources: resources({
      requests: { cpu: "2", memory: "1Gi" },
      limits: { cpu: "6", memory: "3Gi" },
    }).describe("CPU and memory"),
  })
  .refine((app) => app.nodePort !== app.tlsNodePort, {
    path: ["tlsNodePort"],
    message: "a NodePort other than apps.jellyfin.nodePort",
  })
  .describe("Jellyfin, the media server");

export type JellyfinConfig = z.infer<typeof jellyfinSchema>;

/** By the names that ASP.NET's exporter gives them (prometheus-net, which Jellyfin is built with). */
const PANELS: AppPlan["panels"] = [
  {
    kind: "lines",
    title: "Requests a second, by answer",
    queries: [
      {
        expr: 'sum by (code) (rate(http_requests_received_total{namespace="jellyfin"}[5m]))',
        legend: "{{code}}",
      },
    ],
  },
  {
    kind: "lines",
    title: "Requests being answered: streams are among them",
    queries: [{ expr: 'sum(http_requests_in_progress{namespace="jellyfin"})', legend: "all" }],
  },
];

export const jellyfin: App<typeof jellyfinSchema> = { schema: jellyfinSchema, plan: planJellyfin };

function planJellyfin(config: JellyfinConfig, site: AppSite): AppPlan {
  const discovery = planDiscovery(config, site);
  const { apiKeySecret } = config;
  return {
    name: "jellyfin",
    title: "Jellyfin",
    machine: config.machine,
    podSecurity: "restricted",
    resources: config.resources,
    ports: ports(config),
    volumes: volumes(config),
    policies: [
      renderPortPolicy("jellyfin", Object.values(JELLYFIN_PORTS), site),
      renderScrapePolicy("jellyfin", JELLYFIN_PORTS.http),
      // Film posters, subtitles and plugins come from the internet.
      renderInternetEgress("jellyfin", [80, 443], site),
    ],
    secrets:
      apiKeySecret === undefined
        ? []
        : [
            {
              path: "apps.jellyfin.apiKeySecret",
              name: apiKeySecret,
              leftOut: "any open connection to Jellyfin keeps its machine awake, playing or not",
            },
          ],
    ...(discovery && { hosts: [discovery], firewall: [discovery.firewall] }),
    idle: { port: JELLYFIN_PORTS.http, ...(apiKeySecret && { probe: renderProbe(apiKeySecret) }) },
    route: routeOf("jellyfin", config, "http"),
    metrics: { port: "http", path: "/metrics" },
    panels: PANELS,
    workload: { kind: "StatefulSet", name: "jellyfin" },
    service: "jellyfin",
    backups: ownBackups(config.config),
    deploy: (frame) => {
      deployJellyfin(config, ports(config), frame);
    },
  };
}

/** Only with an API key: without one Jellyfin does not tell who watches. */
function renderProbe(secret: string): AppPlan["idle"]["probe"] {
  return { program: readScript(__dirname, "files/probe.py"), secret };
}

function ports(config: JellyfinConfig): AppPort[] {
  return [
    {
      name: "http",
      port: JELLYFIN_PORTS.http,
      nodePort: config.nodePort,
      path: "apps.jellyfin.nodePort",
      speaks: "http",
    },
    {
      name: "https",
      port: JELLYFIN_PORTS.https,
      nodePort: config.tlsNodePort,
      path: "apps.jellyfin.tlsNodePort",
      speaks: "client-first",
    },
  ];
}

function volumes(config: JellyfinConfig): AppVolume[] {
  return [
    ownVolume("config", "apps.jellyfin.config", config.config, config.uid),
    {
      kind: "local",
      name: "media",
      path: "apps.jellyfin.media.path",
      directory: config.media.path,
      size: config.media.size,
      readOnly: true,
    },
  ];
}
