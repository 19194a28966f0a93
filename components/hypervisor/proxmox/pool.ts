import type { PoolLegacyArgs } from "@muhlba91/pulumi-proxmoxve/poolLegacy";
import type * as pulumi from "@pulumi/pulumi";
import { MARK, partName } from "../virtual";
import { loadPoolSdk } from "./sdk";

export function renderPool(name: string) {
  return { poolId: name, comment: MARK } satisfies PoolLegacyArgs;
}

/** The machines' pool. It is never removed from Proxmox: machines of others may be in it. */
export function createPool(
  name: string,
  pool: string,
  opts: { readonly parent: pulumi.Resource; readonly provider: pulumi.ProviderResource },
): pulumi.Resource {
  const { PoolLegacy } = loadPoolSdk();
  return new PoolLegacy(partName(name, "pool"), renderPool(pool), {
    ...opts,
    retainOnDelete: true,
    // Its owner may describe it otherwise.
    ignoreChanges: ["comment"],
  });
}
