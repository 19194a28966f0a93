import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { RemoteAccess } from "../remote/machine";
import { createRoute } from "../shared/routes";
import { createRelease } from "../shared/chart-release";
import type { MonitoringConfig } from "./config";
import { machineNamed, type MonitoringContext } from "./context";
import type { Json } from "../shared/json";
import { hostUse } from "./facts";
import { namedUrl } from "./named-service";
import { NAMESPACE } from "./names";
import { createMetricsReader, renderScrape } from "./scrapes";
import { renderNodePortService } from "./node-ports";
import type { Made, PartPlan, ServedPort } from "./part";
import { planMonitoring, ruleGroups, type MonitoringPlan } from "./plan";
import { createGrant } from "./rbac";
import { planReleases, type PlannedRelease } from "./releases";
import { renderRuleFile } from "./rules/rule";
import { createVolumes } from "./volumes";

type Resources = readonly pulumi.Resource[];
type Outputs = Readonly<Record<string, pulumi.Output<string>>>;

export interface MonitoringArgs {
  config: MonitoringConfig;
  /** The plain values of other layers. */
  context: MonitoringContext;
  access: RemoteAccess;
  /** The secret of that name; undefined where it is not set. */
  secrets: (name: string | undefined) => pulumi.Output<string> | undefined;
}

/** Where monitoring answers on the LAN, for the checks at the end. */
export interface MonitoringAddresses {
  /** What answers with 200, by title. */
  readonly endpoints: Record<string, string>;
  /** What answers PromQL. */
  readonly prometheus: string;
}

/** Metrics, logs, dashboards and alerts, in the namespace that the network layer prepared. */
export class Monitoring extends pulumi.ComponentResource {
  /** Addresses on the LAN that people open, by name: { grafana: "http://192.168.1.10:30300" }. */
  readonly urls: Outputs;
  /** Further outputs of the stack, such as the password of Grafana's user admin. */
  readonly outputs: Outputs;
  readonly addresses: MonitoringAddresses;
  /** Where pods ask PromQL. */
  readonly queryUrl: string | undefined;

  private readonly plan: MonitoringPlan;

  constructor(
    private readonly name: string,
    private readonly args: MonitoringArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("vmstation:monitoring:Monitoring", name, {}, opts);
    this.plan = planMonitoring(args.config, args.context);
    const claims = this.createVolumes();
    const made = new Map(this.plan.plans.map((plan) => [plan, this.prepare(plan)]));
    const madeBy = (plan: PartPlan): Made => made.get(plan) ?? { before: [] };
    const planned = planReleases(this.plan, madeBy);
    const first = this.createFirst(planned);
    const releases = this.createReleases(planned, madeBy, [...first.values()], claims);
    this.createObjects(madeBy, [...first.values()]);
    this.createNodePorts(planned, releases);
    this.createRoutes([...releases.values()]);

    const shown = this.plan.all.served.filter(({ isShown }) => isShown);
    const urlOf = (served: ServedPort): pulumi.Output<string> =>
      pulumi.output(this.namedUrl(served) ?? this.lanUrl(served));
    this.urls = Object.fromEntries(shown.map((served) => [served.name, urlOf(served)]));
    const outputs = [...made.values()].flatMap((each) => Object.entries(each.outputs ?? {}));
    this.outputs = Object.fromEntries(outputs);
    const asked = this.plan.all.served.find(({ answersPromQl }) => answersPromQl);
    this.addresses = this.renderAddresses(asked);
    this.queryUrl = asked?.url;
    this.registerOutputs({
      ...Object.fromEntries(Object.entries(this.urls).map(([key, url]) => [`${key}Url`, url])),
      ...this.outputs,
    });
  }

  private child(dependsOn: Resources = []): pulumi.CustomResourceOptions {
    return { parent: this, dependsOn: [...dependsOn] };
  }

  private createVolumes(): Resources {
    const { access, config, context } = this.args;
    const machine = machineNamed(context.machines, config.machine);
    if (machine === undefined) throw new Error(`no machine named ${config.machine}`);
    const volumes = this.plan.plans.flatMap((plan) => plan.volumes ?? []);
    return createVolumes(this.name, { machine, access, config, volumes }, this.child());
  }

  /** What a part's release waits for, besides what all of them wait for. */
  private prepare(plan: PartPlan): Made {
    const frame = {
      prefix: this.name,
      opts: (dependsOn?: Resources) => this.child(dependsOn),
      secrets: this.args.secrets,
    };
    const made = plan.create?.(frame, this.plan.all) ?? { before: [] };
    const grants = (plan.grants ?? []).flatMap((each) =>
      createGrant(this.name, each, this.child()),
    );
    return { ...made, before: [...made.before, ...grants] };
  }

  private create({ spec }: PlannedRelease, dependsOn: Resources): [string, pulumi.Resource] {
    const { charts } = this.args.config;
    return [spec.release, createRelease(this.name, spec, NAMESPACE, charts, this.child(dependsOn))];
  }

  /** The definitions of the kinds of objects that everything else uses. */
  private createFirst(planned: readonly PlannedRelease[]): Map<string, pulumi.Resource> {
    const first = planned.filter(({ spec }) => spec.isFirst);
    return new Map(first.map((each) => this.create(each, [])));
  }

  /** In the order of the parts: a release that waits for another one comes after it. */
  private createReleases(
    planned: readonly PlannedRelease[],
    madeBy: (plan: PartPlan) => Made,
    first: Resources,
    claims: Resources,
  ): Map<string, pulumi.Resource> {
    const releases = new Map<string, pulumi.Resource>();
    for (const each of planned.filter(({ spec }) => !spec.isFirst)) {
      const after = (each.spec.after ?? []).flatMap((name) => releases.get(name) ?? []);
      const before = each.members.flatMap((plan) => madeBy(plan).before);
      const hasData = each.members.some(({ volumes = [] }) => volumes.length > 0);
      const needs = [...first, ...after, ...before, ...(hasData ? claims : [])];
      releases.set(...this.create(each, needs));
    }
    return releases;
  }

  /** Scrape jobs, probes, monitors and alerts. */
  private createObjects(madeBy: (plan: PartPlan) => Made, dependsOn: Resources): void {
    for (const plan of this.plan.plans) {
      const objects = [...(plan.objects?.(this.plan.all) ?? []), ...(madeBy(plan).objects ?? [])];
      for (const { kind, name, spec } of objects) this.custom(kind, name, spec, dependsOn);
    }
    const { alerts = [], scrapes = [] } = this.args.context;
    if (scrapes.some(({ asksWho }) => asksWho)) createMetricsReader(this.name, this.child([]));
    for (const need of scrapes) {
      this.custom("PodMonitor", need.name, renderScrape(need, this.args.config), dependsOn);
    }
    for (const group of [...ruleGroups, ...alerts]) {
      this.custom("PrometheusRule", group.name, renderRuleFile(group), dependsOn);
    }
  }

  private createNodePorts(
    planned: readonly PlannedRelease[],
    releases: ReadonlyMap<string, pulumi.Resource>,
  ): void {
    const serving = planned.filter(({ members }) =>
      members.some(({ serves = [] }) => serves.length > 0),
    );
    const dependsOn = serving.flatMap(({ spec }) => releases.get(spec.release) ?? []);
    for (const served of this.plan.all.served) {
      new kubernetes.core.v1.Service(
        `${this.name}-${served.name}-lan`,
        renderNodePortService(served),
        this.child(dependsOn),
      );
    }
  }

  private createRoutes(dependsOn: Resources): void {
    const { ingress } = this.args.context;
    if (ingress === undefined) return;
    for (const named of this.plan.plans.flatMap(({ hosts = [] }) => hosts)) {
      createRoute(`${this.name}-${named.name}`, hostUse(named), ingress, this.child(dependsOn));
    }
  }

  /** An object of the Prometheus operator's. */
  private custom(kind: string, name: string, spec: Json, dependsOn: Resources): void {
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

  /** "https://grafana.example.org", where it has a name behind the ingress. */
  private namedUrl({ name }: ServedPort): string | undefined {
    const named = this.plan.plans.flatMap(({ hosts = [] }) => hosts);
    const own = named.find((each) => each.name === name);
    return namedUrl(own?.written, this.args.context.ingress);
  }

  /** "http://192.168.1.10:30300" */
  private lanUrl({ nodePort }: ServedPort): string {
    const { config, context } = this.args;
    return `http://${machineNamed(context.machines, config.machine)?.address ?? ""}:${nodePort}`;
  }

  private renderAddresses(asked: ServedPort | undefined): MonitoringAddresses {
    const { served } = this.plan.all;
    const health = (each: ServedPort): string => `${this.lanUrl(each)}${each.healthPath}`;
    return {
      endpoints: Object.fromEntries(served.map((each) => [each.title, health(each)])),
      prometheus: asked === undefined ? "" : this.lanUrl(asked),
    };
  }
}
