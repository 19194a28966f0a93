import { z } from "zod";
import { dnsLabel, resources, secretName } from "../../shared/scalars";
import { hostKeys } from "../../shared/hosts";
import { countOf, userId, volumeKeys } from "../frame/schema";

const NEVER_PUBLIC = "internal, or no key: nobody outside gets as far as a store of secrets";

export const vaultSchema = z
  .strictObject({
    machine: dnsLabel.describe("The machine that runs it, one that never sleeps"),
    engine: z
      .enum(["openbao", "vault"])
      .prefault("openbao")
      .describe("OpenBao (MPL), or HashiCorp's Vault (BUSL); fixed once it holds something"),
    host: hostKeys.host.unwrap().describe("Its name behind vmstation:platform.ingress, at home"),
    access: z
      .literal("internal", NEVER_PUBLIC)
      .prefault("internal")
      .describe("Who its name is for: home, and nobody else"),
    data: z
      .strictObject({
        ...volumeKeys("/var/lib/vault", "5Gi"),
      })
      .prefault({})
      .describe("What it holds, encrypted; kept when it is removed"),
    snapshots: z
      .strictObject({
        ...volumeKeys("/var/lib/vault-snapshots", "5Gi"),
        tokenSecret: secretName
          .prefault("vaultSnapshotToken")
          .describe("Secret key with a token that may save snapshots"),
        keep: countOf("snapshots", 1, 100).prefault(7).describe("How many stay, one for each day"),
      })
      .prefault({})
      .describe("Snapshots of it, which the backups hold"),
    uid: userId.prefault(1000).describe("User and group that it runs as"),
    resources: resources({
      requests: { cpu: "100m", memory: "256Mi" },
      limits: { cpu: "1", memory: "512Mi" },
    }).describe("CPU and memory"),
  })
  .describe("A store of secrets for programs: OpenBao or Vault");

export type VaultConfig = z.output<typeof vaultSchema>;
