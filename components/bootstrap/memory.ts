import type { MemoryUse } from "../shared/facts";
import type { BootstrapConfig } from "./config";

/** metrics-server's limit where we render it ourselves, in MiB. */
export const METRICS_SERVER_LIMIT = 400;

/**
 * Limits of CoreDNS and metrics-server, in MiB: Kubespray's dns_memory_limit and metrics_server_limits_memory, kubeadm's
 * manifest of CoreDNS. What RKE2's charts set is RKE2's.
 */
const LIMITS: Readonly<
  Record<BootstrapConfig["method"], { coreDns: number; metricsServer: number } | undefined>
> = {
  kubespray: { coreDns: 300, metricsServer: 200 },
  kubeadm: { coreDns: 170, metricsServer: METRICS_SERVER_LIMIT },
  rke2: undefined,
};

/** What is kept back from pods on every machine, and the cluster's own pods where there is one place for them. */
export function memoryUses(
  config: BootstrapConfig,
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
  return [...reserves, ...addonUses(config, addonMachines)];
}

/** Where there are several places the scheduler decides. */
function addonUses(config: BootstrapConfig, [machine, ...others]: readonly string[]): MemoryUse[] {
  const limits = LIMITS[config.method];
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
