import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { hostKeys } from "../../shared/hosts";
import {
  absolutePath,
  dnsLabel,
  nodePort,
  port,
  resources,
  secretName,
  size,
} from "../../shared/scalars";
import { quotaSchema } from "../frame/quota";
import { storageClass, userId } from "../frame/schema";
import { chartKeys } from "./chart-schema";

/** Of `machine`: no machine of its own. */
export const ANYWHERE = "anywhere";

const RELATIVE = "a path in the project's folder, such as apps/notes/notes.yaml";

/** A file or a folder of the project, so that it is the same in every clone. */
export const projectPath = z
  .string(RELATIVE)
  .regex(/^(?!\/)[\w@%+=:,./-]+$/, RELATIVE)
  .refine((text) => !text.split("/").includes(".."), RELATIVE);

const ports = z.array(port);

const portSchema = z.strictObject({
  port: port.describe("Port of the Service"),
  podPort: port.optional().describe("Port of the pods that the Service leads to (default: port)"),
  nodePort: nodePort
    .optional()
    .describe(
      "Where people on the LAN reach it; not needed behind a name on a machine that is always on",
    ),
  speaks: z
    .enum(["http", "client-first", "server-first"])
    .prefault("http")
    .describe("Who says the first word, by which a client is told from a port scanner"),
});

const volumeSchema = z.strictObject({
  path: absolutePath.optional().describe("Folder on the machine; it is kept with what is in it"),
  storageClass,
  size: size.prefault("10Gi").describe("Size of the claim; of a folder nothing enforces it"),
  uid: userId.prefault(1000).describe("User and group that a new folder belongs to"),
  readOnly: z
    .boolean()
    .prefault(false)
    .describe("The folder is yours: it has to be there, is only read and is not in the backups"),
  backup: z.boolean().prefault(true).describe("Whether the backups hold it"),
});

const panelSchema = z.strictObject({
  title: z.string().min(1).describe("What it shows"),
  expr: z.string().min(1).describe("PromQL"),
  legend: z.string().optional().describe("Name of each line, such as {{pod}}"),
  unit: z.string().optional().describe("One of Grafana's units, such as bytes"),
});

const secretKey = z
  .string()
  .regex(/^[-._a-zA-Z0-9]{1,253}$/, "a key of a Secret, such as password or DB_PASSWORD");

const frameKeys = {
  machine: dnsLabel.describe(
    "The machine that runs it, or anywhere: on any machine that is always on",
  ),
  workload: z
    .strictObject({
      kind: z.enum(["Deployment", "StatefulSet"]).prefault("Deployment").describe("Its kind"),
      name: dnsLabel.optional().describe("Its name (default: the app's)"),
    })
    .prefault({})
    .describe("What runs it; scaled to 0 while its machine is switched off"),
  service: dnsLabel.optional().describe("Name of its Service (default: the app's)"),
  ports: z
    .record(dnsLabel, portSchema)
    .refine((all) => Object.keys(all).length > 0, "at least one port, such as http: { port: 80 }")
    .describe("Ports of its Service, by the names that they have there"),
  ...hostKeys,
  hostPort: dnsLabel.optional().describe("Port behind the host (default: the first of ports)"),
  volumes: z
    .record(dnsLabel, volumeSchema)
    .prefault({})
    .describe("Its data, by the names of the claims that its pods mount"),
  secrets: z
    .record(dnsLabel, z.record(secretKey, secretName))
    .prefault({})
    .describe("Secrets that its pods refer to: for each key the secret of this file"),
  resources: resources({
    requests: { cpu: "100m", memory: "128Mi" },
    limits: { cpu: "1", memory: "512Mi" },
  }).describe("CPU and memory; also of each container that names none"),
  quota: quotaSchema.optional().describe("Instead of apps.quota"),
  egress: z
    .strictObject({
      internet: ports.prefault([]).describe("Ports, such as [443]"),
      lan: ports.prefault([]).describe("Ports, such as [1883]"),
      namespaces: z.record(dnsLabel, ports).prefault({}).describe("Ports of pods there"),
    })
    .prefault({})
    .describe("Where its pods may connect to, over TCP; names are resolved anyway"),
  podSecurity: z
    .strictObject({
      level: z
        .enum(["restricted", "baseline", "privileged"])
        .prefault("restricted")
        .describe("Which of Kubernetes' three levels is enforced"),
      reason: z
        .string()
        .min(10, "why, in a sentence")
        .optional()
        .describe("Why its pods need more than restricted"),
    })
    .prefault({})
    .refine(({ level, reason }) => level === "restricted" || reason !== undefined, {
      path: ["reason"],
      message: "why its pods need more than restricted, in a sentence",
    })
    .describe("Pod Security Standard of its namespace; a weaker one than restricted has a reason"),
  use: z
    .strictObject({
      port: dnsLabel.optional().describe("Port that is asked (default: the first of ports)"),
      probe: projectPath
        .optional()
        .describe(
          "Python file with users(address, port, key), a number of people (default: open connections count)",
        ),
      secret: secretName.optional().describe("Secret that the probe gets as key"),
    })
    .prefault({})
    .describe("How the power controller finds out whether somebody uses it"),
  metrics: z
    .strictObject({
      port: dnsLabel.describe("Port, by its name"),
      path: z.string().startsWith("/").prefault("/metrics").describe("Path"),
    })
    .optional()
    .describe("Where Prometheus reads its metrics"),
  panels: z.array(panelSchema).prefault([]).describe("On its dashboard, beside what every app has"),
  dashboards: z
    .array(projectPath)
    .prefault([])
    .describe("JSON files of whole dashboards, as Grafana exports them"),
  clusterWide: z
    .array(z.string().regex(/^[A-Z][A-Za-z]+$/, "a kind such as ClusterRole"))
    .prefault([])
    .describe("Kinds outside of its namespace that it may bring, such as ClusterRole"),
};

const manifestsSchema = z.strictObject({
  kind: z.literal("manifests").describe("Files with Kubernetes objects"),
  files: z.array(projectPath).min(1).describe("The files, in the project's folder"),
  ...frameKeys,
});

const kustomizeSchema = z.strictObject({
  kind: z.literal("kustomize").describe("A Kustomize folder"),
  folder: projectPath.describe("The folder with its kustomization.yaml"),
  ...frameKeys,
});

const chartSchema = z.strictObject({
  kind: z.literal("chart").describe("A Helm chart"),
  ...chartKeys,
  ...frameKeys,
});

export type ManifestsConfig = z.infer<typeof manifestsSchema>;
export type KustomizeConfig = z.infer<typeof kustomizeSchema>;
export type ChartConfig = z.infer<typeof chartSchema>;
/** An app that the configuration describes whole. */
export type ConfiguredConfig = ManifestsConfig | KustomizeConfig | ChartConfig;

/** Schema of such an app; `written` are the keys beside it, one of which may have been meant. */
export function configuredSchema(written: readonly string[]) {
  return z
    .discriminatedUnion("kind", [chartSchema, kustomizeSchema, manifestsSchema], {
      error: ({ path, input }) => {
        const kind: unknown = Reflect.get(Object(input), "kind");
        if (typeof kind === "string") return `one of ${KINDS.join(", ")}${near(kind, KINDS)}`;
        const [, name = ""] = (path ?? []).map(String);
        return `kind: chart, kustomize or manifests, for an app of your own${meant(name, written)}`;
      },
    })
    .describe("An app that no file of VMStation describes, by its name");
}

/** The app of that name in the configuration; undefined where it is none of these. */
export const isConfigured = (value: unknown): value is ConfiguredConfig =>
  typeof value === "object" && value !== null && "kind" in value && "machine" in value;

const KINDS = ["chart", "kustomize", "manifests"] as const;

function meant(name: string, written: readonly string[]): string {
  return `; without a kind one of ${[...written].sort().join(", ")}${near(name, written)}`;
}

function near(name: string, all: readonly string[]): string {
  const nearest = closest(name, all);
  return distance(name, nearest) <= Math.max(2, name.length / 2)
    ? `; did you mean ${nearest}?`
    : "";
}
