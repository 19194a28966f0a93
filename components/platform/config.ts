import { z } from "zod";
import { chartSourcesSchema } from "../shared/charts";
import { schemasOf } from "../shared/registry";
import { dnsName } from "../shared/scalars";
import { registry } from "./registry";

/** What stands between the cluster's network and what runs in it. A part that is not named is not installed. */
export const platformSchema = z
  .strictObject({
    domain: dnsName.optional().describe("Domain that the world knows, such as example.org"),
    internalDomain: dnsName
      .optional()
      .describe("Domain of names that only home knows; default: vmstation:lan.domain"),
    charts: chartSourcesSchema("10m"),
    ...z.object(schemasOf(registry)).partial().shape,
  })
  .describe("Load balancer, ingress, certificates, storage, ways in. Left out where absent");

export type PlatformConfig = z.output<typeof platformSchema>;
