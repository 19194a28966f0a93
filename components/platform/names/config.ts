import { z } from "zod";
import { dnsLabel, ipv4, resources } from "../../shared/scalars";

/** An authoritative server for the internal domain, for homes without a public one. */
export const namesSchema = z
  .strictObject({
    address: ipv4.describe("Address of the load balancer's pool that it answers on"),
    records: z
      .record(dnsLabel, ipv4)
      .prefault({})
      .describe("Further names below the internal domain, such as { printer: 192.168.1.20 }"),
    replicas: z
      .int("1, 2 or 3")
      .min(1, "1, 2 or 3")
      .max(3, "1, 2 or 3")
      .prefault(2)
      .describe(
        "Pods that answer; on machines that never sleep, each on another if there are several",
      ),
    resources: resources({
      requests: { cpu: "10m", memory: "24Mi" },
      limits: { cpu: "200m", memory: "64Mi" },
    }).describe("CPU and memory of each"),
  })
  .describe("CoreDNS: names of machines and apps on the LAN, below the internal domain");

export type NamesConfig = z.output<typeof namesSchema>;
