import type { MemoryUse } from "../shared/facts";
import type { CommonConfig } from "./common-config";
import type { BootstrapMethod } from "./method";

/** metrics-server's limit where we render it ourselves, in MiB. */
export const METRICS_SERVER_LIMIT = 400;

/** Limits of the cluster's own pods, in MiB. */
type Limits = BootstrapMethod["addonLimits"];

/** What is kept back from pods on every machine, and the cluster's own pods where there is one place for them. */
export function memoryUses(
  config: CommonConfig,
  limits: Limits,
  machines: readonly string[],
  addonMachines: readonly string[],
): MemoryUse[] {
  const reserves = machines.flatMap((machine) =>
    (["system", "kube"] as const).map((part) => ({
      path: `bootstrap.reserves.${part}.memory`,
      machine,
      user: part === "system" ? "the system's reserve" : "the kubelet's reserve",
      bytes: config.reserves[part].memory,
    })),
  );
  return [...reserves, ...addonUses(config, limits, addonMachines)];
}

/** Where there are several places the scheduler decides. */
function addonUses(
  config: CommonConfig,
  limits: Limits,
  [machine, ...others]: readonly string[],
): MemoryUse[] {
  if (machine === undefined || others.length > 0 || limits === undefined) return [];
  const use = (path: string, user: string, mebibytes: number): MemoryUse => ({
    ...{ path, machine, user, bytes: mebibytes * 2 ** 20 },
  });
  return [
    use("bootstrap.addonMachines", "CoreDNS, two of it", 2 * limits.coreDns),
    ...(config.addons.metricsServer
      ? [use("bootstrap.addons.metricsServer", "metrics-server", limits.metricsServer)]
      : []),
  ];
}
