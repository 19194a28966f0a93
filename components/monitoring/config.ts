import { z } from "zod";
import { chartSourcesSchema } from "../shared/charts";
import { absolutePath, dnsLabel, dnsName, duration } from "../shared/scalars";
import { partKeys } from "./list-parts";
import { CLUSTER_DOMAIN } from "../shared/cluster";

const placeKeys = {
  machine: dnsLabel.describe("Always-on machine that monitoring runs and keeps its data on"),
  directory: absolutePath
    .prefault("/srv/monitoring_data")
    .describe("Folder on that machine that holds the data"),
  storageClass: dnsLabel
    .optional()
    .describe("Storage class of vmstation:platform that holds the data, instead of the folder"),
  scrapeInterval: duration.prefault("15s").describe("How often metrics are read"),
  clusterDomain: dnsName.prefault(CLUSTER_DOMAIN).describe("DNS domain of the cluster"),
};

const sourceKeys = { charts: chartSourcesSchema("10m") };

/** The keys that every part may read. */
export type CommonConfig = z.output<z.ZodObject<typeof placeKeys & typeof sourceKeys>>;

/** Metrics, logs, dashboards and alerts. The order of the keys is part of the stack's digest. */
export const monitoringSchema = z
  .strictObject({ ...placeKeys, ...partKeys(), ...sourceKeys })
  .describe("Metrics, logs, dashboards and alerts");

export type MonitoringConfig = z.output<typeof monitoringSchema>;
