import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type {
  FirewallRule,
  MemoryUse,
  PackageNeed,
  PolicyNeed,
  PolicyPeer,
  SecretUse,
} from "../shared/facts";
import type { ChartReleaseSpec } from "../shared/chart-release";
import type { CommonConfig } from "./config";
import type { MonitoringContext } from "./context";
import type { DashboardFile } from "../shared/facts";
import type { Dashboard } from "./dashboards/dashboard";
import type { Json, Values } from "../shared/json";
import type { Grant } from "./rbac";
import type { RuleGroup } from "./rules/rule";
import type { LocalVolume } from "./volumes";

/** Labels that select pods. */
export type Pods = Readonly<Record<string, string>>;

/** What a part sees: the machines, the keys that all parts share, and the keys that it names itself. */
export interface PartSite<Keys extends z.ZodRawShape = z.ZodRawShape> extends MonitoringContext {
  readonly config: CommonConfig & { readonly [Key in keyof Keys]: z.output<Keys[Key]> };
}

/**
 * One thing that watches, or is watched: an exporter, a store, a subject of alerts. registry.ts lists all parts, and
 * everything else follows from the list: facts, policies, objects, releases.
 */
export interface MonitoringPart<Keys extends z.ZodRawShape> {
  readonly name: string;
  /**
   * Its place in the lists that the parts make together, such as Grafana's dashboards. Existing stacks have them in
   * this order, and a change of it changes their objects. A new part has none and comes last.
   */
  readonly place?: number;
  /** What a user may write below vmstation:monitoring, with defaults and descriptions. */
  readonly keys?: Keys;
  /** Alerts. Each group is a PrometheusRule. */
  readonly rules?: readonly RuleGroup[];
  readonly dashboards?: readonly Dashboard[];
  readonly plan?: (site: PartSite<Keys>) => PartPlan;
}

/** What a part needs and makes in one stack. All of it is plain data but `create`. */
export interface PartPlan {
  /** Ports that people or other parts connect to. */
  readonly serves?: readonly ServedPort[];
  /** Its names behind the ingress; a route and a policy follow from each. */
  readonly hosts?: readonly NamedService[];
  /** Which of those ports its pods connect to. Policies on both sides follow. */
  readonly connects?: (served: readonly ServedPort[]) => readonly Connection[];
  /** Ports of the machines themselves that Prometheus reads metrics from. */
  readonly machinePorts?: readonly MachinePort[];
  readonly firewall?: readonly FirewallRule[];
  readonly packages?: readonly PackageNeed[];
  /** Further traffic that the namespace's default deny has to let through. */
  readonly policies?: (all: AllParts) => readonly PolicyNeed[];
  /** Limits of its containers, by machine. */
  readonly memory?: readonly MemoryUse[];
  /** Data on the monitoring machine, which is backed up. */
  readonly volumes?: readonly LocalVolume[];
  /** Secrets that the configuration refers to. */
  readonly secrets?: readonly SecretUse[];
  /** Rights of a service account that a chart makes; there before the release. */
  readonly grants?: readonly Grant[];
  /** Scrape jobs, probes and monitors: objects of the Prometheus operator. */
  readonly objects?: (all: AllParts) => readonly OperatorObject[];
  /** Makes what no chart makes, above all Secrets. Called once, before `release`. */
  readonly create?: (frame: PartFrame, all: AllParts) => Made;
  /** Its Helm release; undefined where it has nothing to do. */
  readonly release?: (made: Made) => ChartReleaseSpec | undefined;
  /** Values for the release of another part, whose chart brings this one along. */
  readonly addsTo?: (all: AllParts) => { readonly release: string; readonly values: Values };
}

/** What the parts declare together, for those that serve all others. */
export interface AllParts {
  readonly served: readonly ServedPort[];
  readonly machinePorts: readonly number[];
  /** The first one is Grafana's home. */
  readonly dashboards: readonly Dashboard[];
  readonly dashboardFiles: readonly DashboardFile[];
}

/** A port that a part's pods listen on, by its constant facts. */
export interface Service {
  /** Part of object names: "loki". */
  readonly name: string;
  /** As people call it: "Loki". */
  readonly title: string;
  readonly pods: Pods;
  readonly port: number;
  /** Address inside the cluster, "http://loki.monitoring.svc:3100". */
  readonly url: string;
  /** What answers with 200 while it works: "/ready". */
  readonly healthPath: string;
  /** The policy that lets other parts in. Its name is in the state of existing stacks. */
  readonly clientsPolicy: string;
}

/** Such a port in one stack, where people reach it through a NodePort. */
export interface ServedPort extends Service {
  readonly nodePort: number;
  /** The key that says so, for messages: "monitoring.loki.nodePort". */
  readonly path: string;
  /** Who reaches it from outside the cluster. */
  readonly lanPeers: readonly PolicyPeer[];
  /** Whether its address is an output of the stack, for people to open. */
  readonly isShown: boolean;
  /** Whether it answers PromQL: the checks at the end of `up` ask it. */
  readonly answersPromQl?: boolean;
}

/** What people reach by a name, where the configuration gives it one. */
export interface NamedService {
  /** Part of object names: "grafana". */
  readonly name: string;
  /** As the configuration has it: "grafana". */
  readonly written: string;
  /** The key that says so. */
  readonly path: string;
  /** The chart's Service and its port; the pods behind it and theirs. */
  readonly service: string;
  readonly servicePort: number;
  readonly pods: Pods;
  readonly port: number;
}

/** Pods that connect to a port of another part. */
export interface Connection {
  /** The client, part of the policy's name: "grafana". */
  readonly client: string;
  readonly pods: Pods;
  readonly to: Service;
  /** Another policy lets the client out already. */
  readonly isOpen?: boolean;
}

/** A port that listens on machines, not in the pod network. */
export interface MachinePort {
  readonly port: number;
  readonly purpose: string;
  /** Names of the machines; none where the part has nothing to do. */
  readonly machines: readonly string[];
}

export interface OperatorObject {
  readonly kind: "Probe" | "ScrapeConfig" | "PodMonitor" | "ServiceMonitor";
  readonly name: string;
  readonly spec: Json;
}

/** What a part gets to make resources with. */
export interface PartFrame {
  /** Logical names begin with it: "monitoring". */
  readonly prefix: string;
  readonly opts: (dependsOn?: readonly pulumi.Resource[]) => pulumi.CustomResourceOptions;
  /** The secret of that name; undefined where it is not set. */
  readonly secrets: (name: string | undefined) => pulumi.Output<string> | undefined;
}

/** What a part has made. */
export interface Made {
  /** Its release, or the one that it adds to, waits for these. */
  readonly before: readonly pulumi.Resource[];
  /** Name of the Secret that its release reads, where Kubernetes chooses it. */
  readonly secretName?: pulumi.Output<string>;
  /** Objects that follow from it, beside those of `objects`. */
  readonly objects?: readonly OperatorObject[];
  /** Outputs of the stack, such as a password for people: { grafanaPassword: ... }. */
  readonly outputs?: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Gives `plan` the types of the keys that the part names. */
export function definePart<Keys extends z.ZodRawShape>(
  part: MonitoringPart<Keys>,
): MonitoringPart<Keys> {
  return part;
}
