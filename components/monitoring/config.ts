import { z } from "zod";
import { absolutePath, dnsLabel, dnsName, duration } from "../shared/scalars";
import { partKeys } from "./list-parts";

const repository = z
  .string()
  .regex(
    /^(https?|oci):\/\/[\w.-]+(:\d+)?(\/[\w./-]+)?$/,
    "a chart repository such as https://charts.example.org or oci://mirror.lan/charts",
  );

const registry = z
  .string()
  .regex(/^[\w.-]+(:\d+)?(\/[\w./-]+)?$/, "an image registry such as mirror.lan:5000");

const chartsSchema = z
  .strictObject({
    repository: repository.optional().describe("One repository that holds all charts"),
    imageRegistry: registry.optional().describe("One registry that holds all images"),
    timeout: duration.prefault("10m").describe("A release that is not ready by then is undone"),
  })
  .prefault({})
  .describe("Where charts and images come from (default: their publishers)");

const placeKeys = {
  machine: dnsLabel.describe("Always-on machine that monitoring runs and keeps its data on"),
  directory: absolutePath
    .prefault("/srv/monitoring_data")
    .describe("Folder on that machine that holds the data"),
  scrapeInterval: duration.prefault("15s").describe("How often metrics are read"),
  clusterDomain: dnsName.prefault("cluster.local").describe("DNS domain of the cluster"),
};

const sourceKeys = { charts: chartsSchema };

/** The keys that every part may read. */
export type CommonConfig = z.output<z.ZodObject<typeof placeKeys & typeof sourceKeys>>;

/** Metrics, logs, dashboards and alerts. The order of the keys is part of the stack's digest. */
export const monitoringSchema = z
  .strictObject({ ...placeKeys, ...partKeys(), ...sourceKeys })
  .describe("Metrics, logs, dashboards and alerts");

export type MonitoringConfig = z.output<typeof monitoringSchema>;
