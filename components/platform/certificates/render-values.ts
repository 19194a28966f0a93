import type * as pulumi from "@pulumi/pulumi";
import type { ChartReleaseSpec } from "../../shared/chart-release";
import type { ChartSources } from "../../shared/charts";
import { renderResources } from "../../shared/placement";
import { platformCharts } from "../../versions";
import { renderPlatformPlacement, steadyMachines, type PlatformMachine } from "../place";
import type { CertificatesConfig } from "./config";
import { NAMESPACE } from "./names";

/** Routers at home often answer for the domain themselves, and then nobody sees the proof: others are asked. */
const NAME_SERVERS = ["1.1.1.1:53", "9.9.9.9:53"];

export interface CertificatesSite {
  readonly machines: readonly PlatformMachine[];
  readonly charts: Pick<ChartSources, "imageRegistry">;
  /** Differs with the token. */
  readonly tokenDigest?: pulumi.Output<string> | undefined;
}

export function renderRelease(
  config: CertificatesConfig,
  { machines, charts, tokenDigest }: CertificatesSite,
): ChartReleaseSpec {
  const { imageRegistry } = charts;
  const pod = {
    resources: renderResources(config.resources),
    ...renderPlatformPlacement(steadyMachines(machines)),
  };
  return {
    release: "cert-manager",
    pin: platformCharts.certManager,
    daemonSet: false,
    values: {
      ...(imageRegistry === undefined ? {} : { imageRegistry }),
      // With them gone, every certificate would go.
      crds: { enabled: true, keep: true },
      global: { leaderElection: { namespace: NAMESPACE } },
      dns01RecursiveNameservers: NAME_SERVERS.join(","),
      dns01RecursiveNameserversOnly: true,
      prometheus: { enabled: true },
      ...pod,
      // After a refusal it waits longer and longer, half an hour at last, and hears of no other token meanwhile.
      ...(tokenDigest === undefined
        ? {}
        : { podAnnotations: { "vmstation.io/token": tokenDigest } }),
      webhook: pod,
      cainjector: pod,
      startupapicheck: pod,
    },
  };
}
