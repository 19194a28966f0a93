import * as pulumi from "@pulumi/pulumi";
import type { ChartReleaseSpec } from "../../../components/shared/chart-release";
import { planMonitoring } from "../../../components/monitoring/plan";
import { planReleases } from "../../../components/monitoring/releases";
import type { MonitoringSite } from "./homelab";

/** Every release of the layer, as if each Secret that one reads had been made. */
export function allReleases(site: MonitoringSite): readonly ChartReleaseSpec[] {
  const made = { before: [], secretName: pulumi.output("ipmi-config") };
  return planReleases(planMonitoring(site.config, site), () => made).map(({ spec }) => spec);
}

/** The values of one of them. */
export function valuesOf(release: string, site: MonitoringSite): ChartReleaseSpec["values"] {
  const found = allReleases(site).find((spec) => spec.release === release);
  if (found === undefined) throw new Error(`no release is called ${release}`);
  return found.values;
}
