import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { stringify } from "yaml";
import type { RemoteAccess } from "../remote/machine";
import { renderAlloyRelease } from "./parts/alloy";
import { renderBlackboxRelease } from "./parts/blackbox-exporter";
import { createRelease, type ChartReleaseSpec } from "./chart-release";
import type { MonitoringConfig, ReceiverConfig } from "./config";
import {
  machineNamed,
  machinesWithBmc,
  type MonitoringContext,
  type MonitoringSite,
} from "./context";
import { listDashboards } from "./dashboards";
import { renderDashboard } from "./dashboards/dashboard";
import {
  createIpmiSecret,
  renderIpmiRelease,
  renderLocalIpmi,
  type BmcAccess,
} from "./parts/ipmi-exporter";
import type { Json } from "./json";
import { renderStackRelease } from "./parts/kube-prometheus-stack";
import { renderLokiRelease } from "./parts/loki";
import { dashboardConfigMap, NAMESPACE, SECRETS } from "./names";
import { renderNodeExporterRelease } from "./parts/node-exporter";
import { renderNodePorts, renderNodePortService } from "./node-ports";
import { renderProbe, renderProbeGroups } from "./probes";
import { renderCrdsRelease } from "./parts/prometheus-operator-crds";
import { createRbac } from "./rbac";
import { findReceiverSecret, renderAlertmanagerConfig } from "./render-alertmanager";
import { ruleGroups } from "./rules";
import { renderRuleFile } from "./rules/rule";
import {
  renderLocalIpmiMonitor,
  renderRemoteIpmiJob,
  renderServiceEndpointsJob,
} from "./scrape-jobs";
import { createVolumes } from "./volumes";

type Resources = readonly pulumi.Resource[];

export interface MonitoringArgs {
  config: MonitoringConfig;
  /** The plain values of other layers. */
  context: MonitoringContext;
  access: RemoteAccess;
  /** The secret of that name; undefined where it is not set. */
  secrets: (name: string | undefined) => pulumi.Output<string> | undefined;
}

/** Metrics, logs, dashboards and alerts, in the namespace that the network layer prepared. */
export class Monitoring extends pulumi.ComponentResource {
  /** Grafana's address on the LAN, "http://192.168.4.63:30300". */
  readonly grafanaUrl: pulumi.Output<string>;
  /** Password of Grafana's user admin. */
  readonly grafanaPassword: pulumi.Output<string>;
  /** Prometheus' address on the LAN. */
  readonly prometheusUrl: pulumi.Output<string>;

  private readonly site: MonitoringSite;

  constructor(
    private readonly name: string,
    private readonly args: MonitoringArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("vmstation:monitoring:Monitoring", name, {}, opts);
    this.site = { ...args.context, config: args.config };
    const password = this.createGrafanaPassword();
    const crds = this.createRelease(renderCrdsRelease(), []);
    const claims = this.createVolumes();
    const secrets = [this.createGrafanaSecret(password), this.createAlertmanagerSecret()];
    const boards = this.createDashboards();
    const loki = this.createRelease(renderLokiRelease(this.site), [crds, ...claims]);
    const stack = this.createRelease(renderStackRelease(this.site), [
      crds,
      ...claims,
      ...secrets,
      ...boards,
      ...createRbac(this.name, this.child()),
    ]);
    this.createRelease(renderNodeExporterRelease(this.site), [crds]);
    this.createRelease(renderAlloyRelease(this.site), [crds, loki]);
    this.createRelease(renderBlackboxRelease(this.site), [crds]);
    this.createIpmi([crds]);
    this.createJobsAndRules([crds]);
    this.createNodePorts([loki, stack]);

    const address = machineNamed(this.site.machines, args.config.machine)?.address ?? "";
    this.grafanaUrl = pulumi.output(`http://${address}:${args.config.grafana.nodePort}`);
    this.prometheusUrl = pulumi.output(`http://${address}:${args.config.prometheus.nodePort}`);
    this.grafanaPassword = password.result;
    this.registerOutputs({
      grafanaUrl: this.grafanaUrl,
      grafanaPassword: this.grafanaPassword,
      prometheusUrl: this.prometheusUrl,
    });
  }

  private child(dependsOn: Resources = []): pulumi.CustomResourceOptions {
    return { parent: this, dependsOn: [...dependsOn] };
  }

  private createRelease(spec: ChartReleaseSpec, dependsOn: Resources): pulumi.Resource {
    return createRelease(this.name, spec, this.args.config.charts, this.child(dependsOn));
  }

  private createVolumes(): Resources {
    const machine = machineNamed(this.site.machines, this.args.config.machine);
    if (machine === undefined) throw new Error(`no machine named ${this.args.config.machine}`);
    const { access, config } = this.args;
    return createVolumes(this.name, { machine, access, config }, this.child());
  }

  private createGrafanaPassword(): random.RandomPassword {
    return new random.RandomPassword(
      `${this.name}-grafana-password`,
      { length: 32, special: false },
      this.child(),
    );
  }

  private createGrafanaSecret(password: random.RandomPassword): pulumi.Resource {
    return new kubernetes.core.v1.Secret(
      `${this.name}-grafana-admin`,
      {
        metadata: { name: SECRETS.grafanaAdmin, namespace: NAMESPACE },
        stringData: { "admin-user": "admin", "admin-password": password.result },
      },
      this.child(),
    );
  }

  /** Alertmanager's configuration; silent where the receiver's secret is not set. */
  private createAlertmanagerSecret(): pulumi.Resource {
    const { alertmanager } = this.args.config;
    const needed = findReceiverSecret(alertmanager.receiver);
    const secret = this.args.secrets(needed?.name);
    const missing = needed !== undefined && secret === undefined;
    const receiver: ReceiverConfig = missing ? { type: "none" } : alertmanager.receiver;
    const config = pulumi
      .output(secret)
      .apply((value) => stringify(renderAlertmanagerConfig(alertmanager, receiver, value)));
    return new kubernetes.core.v1.Secret(
      `${this.name}-alertmanager-config`,
      {
        metadata: { name: SECRETS.alertmanager, namespace: NAMESPACE },
        stringData: { "alertmanager.yaml": pulumi.secret(config) },
      },
      this.child(),
    );
  }

  private createDashboards(): Resources {
    return listDashboards(this.site).map(
      (dashboard) =>
        new kubernetes.core.v1.ConfigMap(
          `${this.name}-dashboard-${dashboard.uid}`,
          {
            metadata: {
              name: dashboardConfigMap(dashboard.uid),
              namespace: NAMESPACE,
            },
            data: {
              [`${dashboard.uid}.json`]: JSON.stringify(renderDashboard(dashboard), null, 1),
            },
          },
          this.child(),
        ),
    );
  }

  /** Hardware sensors: on the machines themselves, and through each BMC whose password is known. */
  private createIpmi(dependsOn: Resources): void {
    const machines = machinesWithBmc(this.site.machines);
    if (machines.length === 0) return;
    new kubernetes.apps.v1.DaemonSet(
      `${this.name}-ipmi-local`,
      renderLocalIpmi(this.site),
      this.child(),
    );
    this.custom("PodMonitor", "ipmi-local", renderLocalIpmiMonitor(this.site), dependsOn);

    const bmcs = machines.flatMap((machine): BmcAccess[] => {
      const password = this.args.secrets(machine.bmc.passwordSecret);
      return password === undefined ? [] : [{ machine, password }];
    });
    if (bmcs.length === 0) return;
    const secret = createIpmiSecret(this.name, bmcs, this.child());
    this.createRelease(renderIpmiRelease(this.site, secret.metadata.name), dependsOn);
    for (const { machine } of bmcs) {
      const job = renderRemoteIpmiJob(machine, this.site);
      this.custom("ScrapeConfig", `ipmi-remote-${machine.name}`, job, dependsOn);
    }
  }

  private createJobsAndRules(dependsOn: Resources): void {
    this.custom("ScrapeConfig", "service-endpoints", renderServiceEndpointsJob(), dependsOn);
    for (const group of renderProbeGroups(this.site)) {
      this.custom("Probe", group.name, renderProbe(group, this.site), dependsOn);
    }
    for (const group of ruleGroups) {
      this.custom("PrometheusRule", group.name, renderRuleFile(group), dependsOn);
    }
  }

  private createNodePorts(dependsOn: Resources): void {
    for (const service of renderNodePorts(this.args.config)) {
      new kubernetes.core.v1.Service(
        `${this.name}-${service.name}-lan`,
        renderNodePortService(service),
        this.child(dependsOn),
      );
    }
  }

  /** An object of the Prometheus operator's. */
  private custom(
    kind: "PrometheusRule" | "Probe" | "ScrapeConfig" | "PodMonitor",
    name: string,
    spec: Json,
    dependsOn: Resources,
  ): void {
    new kubernetes.apiextensions.CustomResource(
      `${this.name}-${kind.toLowerCase()}-${name}`,
      {
        apiVersion: `monitoring.coreos.com/${kind === "ScrapeConfig" ? "v1alpha1" : "v1"}`,
        kind,
        metadata: { name, namespace: NAMESPACE },
        spec,
      },
      this.child(dependsOn),
    );
  }
}
