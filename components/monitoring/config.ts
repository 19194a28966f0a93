import { z } from "zod";
import {
  absolutePath,
  dnsLabel,
  dnsName,
  duration,
  host,
  nodePort,
  port,
  resources,
  secretName,
  size,
} from "../shared/scalars";

const url = z.url({ protocol: /^https?$/, error: "an address such as https://example.org/hook" });

const repository = z
  .string()
  .regex(
    /^(https?|oci):\/\/[\w.-]+(:\d+)?(\/[\w./-]+)?$/,
    "a chart repository such as https://charts.example.org or oci://mirror.lan/charts",
  );

const registry = z
  .string()
  .regex(/^[\w.-]+(:\d+)?(\/[\w./-]+)?$/, "an image registry such as mirror.lan:5000");

const receiver = z
  .discriminatedUnion(
    "type",
    [
      z.strictObject({ type: z.literal("none") }),
      z.strictObject({
        type: z.literal("webhook"),
        url,
        tokenSecret: secretName.optional().describe("Secret key holding a bearer token"),
      }),
      z.strictObject({
        type: z.literal("email"),
        to: z.email("an e-mail address"),
        from: z.email("an e-mail address"),
        server: host.describe("SMTP server"),
        port: port.prefault(587).describe("Port of the SMTP server"),
        user: z.string().min(1).optional().describe("User at the SMTP server"),
        passwordSecret: secretName.optional().describe("Secret key holding that user's password"),
      }),
      z.strictObject({
        type: z.literal("ntfy"),
        server: url.prefault("https://ntfy.sh").describe("The ntfy server"),
        topic: z.string().regex(/^[\w-]{1,64}$/, "a topic: letters, digits, hyphens, underscores"),
        tokenSecret: secretName.optional().describe("Secret key holding an access token"),
      }),
    ],
    "one of the types none, webhook, email or ntfy",
  )
  .prefault({ type: "none" })
  .describe("Where alerts are sent; nowhere unless told");

const prometheusSchema = z
  .strictObject({
    nodePort: nodePort.prefault(30_090),
    retention: duration.prefault("30d").describe("Samples older than this are deleted"),
    retentionSize: size.prefault("4Gi").describe("The oldest samples are deleted beyond this"),
    volumeSize: size.prefault("25Gi"),
    resources: resources({
      requests: { cpu: "500m", memory: "1Gi" },
      limits: { cpu: "2", memory: "2Gi" },
    }),
  })
  .refine((p) => p.retentionSize < p.volumeSize, {
    path: ["retentionSize"],
    error: "a size below volumeSize",
  })
  .prefault({})
  .describe("Metrics");

const grafanaSchema = z
  .strictObject({
    nodePort: nodePort.prefault(30_300),
    anonymous: z
      .boolean()
      .prefault(false)
      .describe("Whether anybody on the LAN sees dashboards and all logs without logging in"),
    volumeSize: size.prefault("5Gi"),
    resources: resources({
      requests: { cpu: "100m", memory: "192Mi" },
      limits: { cpu: "1", memory: "512Mi" },
    }),
  })
  .prefault({})
  .describe("Dashboards");

const lokiSchema = z
  .strictObject({
    nodePort: nodePort.prefault(31_100),
    openToLan: z
      .boolean()
      .prefault(false)
      .describe(
        "Whether Loki's port, which has no log-in, answers the LAN and not only the machines",
      ),
    retention: duration.prefault("168h").describe("Log lines older than this are deleted"),
    volumeSize: size.prefault("20Gi"),
    resources: resources({
      requests: { cpu: "200m", memory: "512Mi" },
      limits: { cpu: "1", memory: "2Gi" },
    }),
  })
  .prefault({})
  .describe("Logs");

const alertmanagerSchema = z
  .strictObject({
    receiver,
    repeatInterval: duration.prefault("12h").describe("A firing alert is sent again after this"),
    resources: resources({
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "100m", memory: "128Mi" },
    }),
  })
  .prefault({})
  .describe("Alerts");

const alloySchema = z
  .strictObject({
    resources: resources({
      requests: { cpu: "50m", memory: "128Mi" },
      limits: { cpu: "500m", memory: "256Mi" },
    }),
  })
  .prefault({})
  .describe("Log collector on each machine");

// The program's own probes have these; see probes.ts.
const OWN_PROBES = ["services", "internet", "machines", "dns"];

/** Each probe is an object and a job by its name. */
function refuseSameNames(targets: readonly { name: string }[], ctx: z.RefinementCtx): void {
  targets.forEach(({ name }, i) => {
    const isFirst = targets.findIndex((other) => other.name === name) === i;
    if (isFirst && !OWN_PROBES.includes(name)) return;
    const message = "a name that no other probe has";
    ctx.addIssue({ code: "custom", path: [i, "name"], message, input: name });
  });
}

const blackboxSchema = z
  .strictObject({
    internet: z
      .array(url)
      .prefault(["https://1.1.1.1", "https://8.8.8.8"])
      .describe("What has to answer while the way to the internet works"),
    targets: z
      .array(
        z.strictObject({
          name: dnsLabel,
          target: z.string().min(1).describe("URL, host or HOST:PORT, as the module takes it"),
          module: z.enum(["http_2xx", "icmp", "tcp_connect"]).prefault("http_2xx"),
        }),
      )
      .superRefine(refuseSameNames)
      .prefault([])
      .describe("Probes beside those of the program"),
    resources: resources({
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "100m", memory: "64Mi" },
    }),
  })
  .prefault({})
  .describe("Probes from outside a service");

const ipmiSchema = z
  .strictObject({
    scrapeInterval: duration.prefault("30s").describe("A BMC answers slowly"),
    resources: resources({
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "200m", memory: "64Mi" },
    }),
  })
  .prefault({})
  .describe("Hardware sensors of machines with a bmc, on the machine and through its BMC");

const chartsSchema = z
  .strictObject({
    repository: repository.optional().describe("One repository that holds all charts"),
    imageRegistry: registry.optional().describe("One registry that holds all images"),
    timeout: duration.prefault("10m").describe("A release that is not ready by then is undone"),
  })
  .prefault({})
  .describe("Where charts and images come from; their publishers unless told");

/** Metrics, logs, dashboards and alerts. */
export const monitoringSchema = z
  .strictObject({
    machine: dnsLabel.describe("Always-on machine that monitoring runs and keeps its data on"),
    directory: absolutePath
      .prefault("/srv/monitoring_data")
      .describe("Folder on that machine that holds the data"),
    scrapeInterval: duration.prefault("15s").describe("How often metrics are read"),
    clusterDomain: dnsName.prefault("cluster.local").describe("DNS domain of the cluster"),
    prometheus: prometheusSchema,
    grafana: grafanaSchema,
    loki: lokiSchema,
    alertmanager: alertmanagerSchema,
    alloy: alloySchema,
    blackbox: blackboxSchema,
    ipmi: ipmiSchema,
    charts: chartsSchema,
  })
  .describe("Metrics, logs, dashboards and alerts");

export type MonitoringConfig = z.infer<typeof monitoringSchema>;
export type ReceiverConfig = MonitoringConfig["alertmanager"]["receiver"];
