import { z } from "zod";
import { dnsName, duration, size } from "../shared/scalars";

const preflightSchema = z
  .strictObject({
    kernel: z
      .string("a kernel version such as 4.19 (quoted in YAML)")
      .regex(/^\d+\.\d+$/, "a kernel version such as 4.19 (quoted in YAML)")
      .prefault("4.19")
      .describe("Oldest kernel"),
    memory: size.prefault("2G").describe("Least memory of a machine"),
    rootDisk: size.prefault("20G").describe("Least size of the file system of /"),
    varDisk: size.prefault("10G").describe("Least size of the file system of /var"),
  })
  .prefault({})
  .describe("What a machine must have before anything is changed on it");

const SHARE = "a share above 0, at most 1";
const share = z.number(SHARE).gt(0, SHARE).max(1, SHARE);

const CORES = "a number of cores, at least 0.5";
const RESTARTS = "a whole number, at least 0";

/** What the checks accept at the end of the graph and whenever `vmstation validate` runs. */
export const validationSchema = z
  .strictObject({
    preflight: preflightSchema,
    wait: duration
      .prefault("5m")
      .describe("Longest time that the last resource waits until all checks pass"),
    nodes: z
      .strictObject({
        cpu: z.number(CORES).min(0.5, CORES).prefault(2).describe("Least cores of a machine"),
        memory: size.prefault("4G").describe("Least memory of a machine"),
      })
      .prefault({})
      .describe("What a Ready machine must have"),
    pods: z
      .strictObject({
        restarts: z
          .int(RESTARTS)
          .min(0, RESTARTS)
          .prefault(5)
          .describe("Most restarts of a container"),
        pendingFor: duration.prefault("5m").describe("Longest time that a pod may be Pending"),
      })
      .prefault({})
      .describe("When a pod is unhealthy"),
    diskUsed: share.prefault(0.9).describe("Largest used share of a machine's disk"),
    targetsDown: share.prefault(0.3).describe("Largest share of Prometheus targets that are down"),
    certificates: duration.prefault("30d").describe("Least time that a certificate must last"),
    clockOffset: duration.prefault("1s").describe("Largest offset of a machine's clock"),
    externalName: dnsName
      .prefault("debian.org")
      .describe("A name on the internet that the cluster's DNS must resolve"),
  })
  .prefault({})
  .describe("What the checks accept");

export type ValidationConfig = z.infer<typeof validationSchema>;
