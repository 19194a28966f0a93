/** What several layers know of monitoring. */

/** The namespace that monitoring lives in. */
export const MONITORING_NAMESPACE = "monitoring";

/**
 * The account, in that namespace, by which metrics are read of a program that asks who reads them. It may read metrics and
 * nothing else. Its token is in a Secret of the same name.
 */
export const METRICS_READER = "metrics-reader";

/** Where programs on a machine write metrics, for node_exporter to pass on. */
export const TEXTFILE_DIRECTORY = "/var/lib/node_exporter/textfile_collector";

/** 1 for each machine that sleeps on purpose, or did so in the last five minutes. monitoring/rules/power.ts records it. */
export const ASLEEP = "node:vmstation_power_asleep:max5m";
