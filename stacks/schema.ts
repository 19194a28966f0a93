import { z } from "zod";
import { appsSchema } from "../components/apps/config";
import { backupSchema } from "../components/backup/config";
import { bootstrapSchema } from "../components/bootstrap/config";
import { gitopsSchema } from "../components/gitops/config";
import { hypervisorSchema, vmSchema } from "../components/hypervisor/config";
import { monitoringSchema } from "../components/monitoring/config";
import { networkSchema } from "../components/network/config";
import { machineSchema, type NodeConfig, nodeSchema } from "../components/node/config";
import { platformSchema } from "../components/platform/config";
import { machinePowerSchema, powerSchema } from "../components/power/config";
import { type LanConfig, lanSchema, remoteSchema } from "../components/remote/config";
import { dnsLabel } from "../components/shared/scalars";
import { validationSchema } from "../components/validation/config";

const clusterSchema = z
  .strictObject({
    name: dnsLabel.describe("Name of the cluster; asked for before anything is reset"),
    controller: dnsLabel
      .optional()
      .describe(
        "The control plane that runs the power controller, backups and checks; name another while its machine is dead (default: bootstrap.controller)",
      ),
  })
  .describe("The cluster as a whole");

/** Everything that a user may write, one key for each layer. */
export const stackSchema = z.strictObject({
  cluster: clusterSchema,
  lan: lanSchema,
  remote: remoteSchema,
  hypervisor: hypervisorSchema.optional(),
  machines: z
    .record(dnsLabel, machineSchema.extend({ power: machinePowerSchema, vm: vmSchema }))
    .refine((machines) => Object.keys(machines).length > 0, "at least one machine")
    .describe("The machines, by name"),
  node: nodeSchema,
  bootstrap: bootstrapSchema,
  network: networkSchema,
  platform: platformSchema.optional(),
  monitoring: monitoringSchema.optional().describe("Left out where absent"),
  power: powerSchema,
  apps: appsSchema,
  gitops: gitopsSchema.optional(),
  backup: backupSchema,
  validation: validationSchema,
});

/** With the defaults that need other keys: see fillIn. */
export type StackConfig = Omit<z.infer<typeof stackSchema>, "lan" | "node"> & {
  lan: LanConfig;
  node: NodeConfig;
};
