import * as pulumi from "@pulumi/pulumi";
import { renderAlloyRelease } from "../../../components/monitoring/parts/alloy";
import { renderBlackboxRelease } from "../../../components/monitoring/parts/blackbox-exporter";
import type { ChartReleaseSpec } from "../../../components/monitoring/chart-release";
import type { MonitoringSite } from "../../../components/monitoring/context";
import { renderIpmiRelease } from "../../../components/monitoring/parts/ipmi-exporter";
import { renderStackRelease } from "../../../components/monitoring/parts/kube-prometheus-stack";
import { renderLokiRelease } from "../../../components/monitoring/parts/loki";
import { renderNodeExporterRelease } from "../../../components/monitoring/parts/node-exporter";
import { renderCrdsRelease } from "../../../components/monitoring/parts/prometheus-operator-crds";

/** Every release of the layer. */
export function allReleases(site: MonitoringSite): readonly ChartReleaseSpec[] {
  return [
    renderCrdsRelease(),
    renderStackRelease(site),
    renderNodeExporterRelease(site),
    renderLokiRelease(site),
    renderAlloyRelease(site),
    renderBlackboxRelease(site),
    renderIpmiRelease(site, pulumi.output("ipmi-config")),
  ];
}
