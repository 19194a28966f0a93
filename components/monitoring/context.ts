import type { AlertGroup } from "../shared/alerts";
import type { DashboardFile, DashboardNeed, PolicyPeer, ScrapeNeed } from "../shared/facts";
import type { IngressOffer } from "../shared/routes";
import type { Machine } from "../node/machine";
import type { LanConfig } from "../remote/config";

/** The plain values of other layers that monitoring looks at. */
export interface MonitoringContext {
  readonly machines: readonly Machine[];
  readonly lan: Pick<LanConfig, "cidr" | "gateway">;
  readonly network: { readonly podCidr: string; readonly serviceCidr: string };
  /** Port of the API servers. */
  readonly apiServerPort: number;
  /** Address of the cluster's DNS service. */
  readonly clusterDns: string;
  /** Name of the machine that collects the system logs. */
  readonly logServer: string;
  /** Whether the control plane and kube-proxy are one process with the kubelet, which then serves the metrics of all. */
  readonly isOneProcess?: boolean;
  /** What other layers want to see beside our own dashboards. */
  readonly dashboards?: readonly DashboardNeed[];
  readonly dashboardFiles?: readonly DashboardFile[];
  /** Their alerts, and the pods whose metrics they want to have read. */
  readonly alerts?: readonly AlertGroup[];
  readonly scrapes?: readonly ScrapeNeed[];
  /** Pods of other layers that ask Prometheus. */
  readonly readers?: readonly PolicyPeer[];
  /** What stands before names; undefined without. */
  readonly ingress?: IngressOffer | undefined;
}

/** A machine with a BMC, and what is known of that. */
export type BmcMachine = Machine & { readonly bmc: NonNullable<Machine["bmc"]> };

/** The machines whose hardware is watched, in the order of the configuration. */
export function machinesWithBmc(machines: readonly Machine[]): readonly BmcMachine[] {
  return machines.filter((machine): machine is BmcMachine => machine.bmc !== undefined);
}

export function machineNamed(machines: readonly Machine[], name: string): Machine | undefined {
  return machines.find((machine) => machine.name === name);
}
