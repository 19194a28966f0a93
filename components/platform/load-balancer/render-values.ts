import type { ChartReleaseSpec } from "../../shared/chart-release";
import type { ChartSources } from "../../shared/charts";
import type { Values } from "../../shared/json";
import { renderResources } from "../../shared/placement";
import { platformCharts } from "../../versions";
import { renderPlatformPlacement, steadyMachines, type PlatformMachine } from "../place";
import type { LoadBalancerConfig } from "./config";

/** HTTPS with a certificate that it makes itself. */
export const METRICS_PORT = 9120;
/** By which the speakers notice that one of them is gone. */
export const MEMBERS_PORT = 7946;

export interface LoadBalancerSite {
  readonly machines: readonly PlatformMachine[];
  /** Names of the machines that answer for addresses. */
  readonly announcers: readonly string[];
  readonly charts: Pick<ChartSources, "imageRegistry">;
}

export function renderRelease(
  config: LoadBalancerConfig,
  site: LoadBalancerSite,
): ChartReleaseSpec {
  return {
    release: "metallb",
    pin: platformCharts.metallb,
    values: renderValues(config, site),
    // A machine that is away for a while must not undo the release.
    daemonSet: true,
  };
}

function renderValues(config: LoadBalancerConfig, site: LoadBalancerSite): Values {
  const image = (name: string) =>
    site.charts.imageRegistry === undefined
      ? {}
      : { image: { repository: `${site.charts.imageRegistry}/metallb/${name}` } };
  return {
    // Both are for BGP, which no home speaks.
    frrk8s: { enabled: false },
    prometheus: { metricsPort: METRICS_PORT, rbacPrometheus: false },
    controller: {
      ...image("controller"),
      resources: renderResources(config.controller),
      ...renderPlatformPlacement(steadyMachines(site.machines)),
    },
    speaker: {
      ...image("speaker"),
      frr: { enabled: false },
      memberlist: { mlBindPort: MEMBERS_PORT },
      // Most methods mark control planes so that nobody answers from there.
      ignoreExcludeLB: answersFromControlPlane(site),
      resources: renderResources(config.speaker),
      ...renderPlatformPlacement(site.announcers),
    },
  };
}

function answersFromControlPlane({ machines, announcers }: LoadBalancerSite): boolean {
  return machines.some(
    ({ name, roles }) => roles.includes("control-plane") && announcers.includes(name),
  );
}
