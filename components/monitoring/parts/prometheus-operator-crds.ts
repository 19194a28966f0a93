import { charts } from "../../versions";
import type { ChartReleaseSpec } from "../chart-release";
import { RELEASES } from "../names";

/**
 * The CustomResourceDefinitions of the Prometheus operator. A release of their own, so that whatever uses them
 * can wait for them, and so that they follow the operator's version: Helm never upgrades a chart's crds folder.
 */
export function renderCrdsRelease(): ChartReleaseSpec {
  return {
    release: RELEASES.crds,
    pin: charts.prometheusOperatorCrds,
    daemonSet: false,
    values: {
      // Neither is deployed here.
      crds: { prometheusagents: { enabled: false }, thanosrulers: { enabled: false } },
    },
  };
}
