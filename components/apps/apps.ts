import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../node/machine";
import type { RemoteAccess } from "../remote/machine";
import { addressOf } from "./frame/address";
import { fullName, type HostUse } from "../shared/hosts";
import type { IngressOffer } from "../shared/routes";
import { hostsOf } from "./facts";
import type { AppPlan, Neighbours } from "./frame/app";
import type { AppsConfig } from "./config";
import { type Handover, HostedApp } from "./frame/hosted-app";
import { createStorageClasses } from "./frame/storage";

export interface AppsArgs {
  /** The apps to deploy. */
  plans: readonly AppPlan[];
  config: Pick<AppsConfig, "quota" | "charts">;
  machines: readonly Machine[];
  /** The control plane that holds the ports of apps whose machine sleeps. */
  controller: Machine;
  access: RemoteAccess;
  /** The value of a secret key; undefined where it is not set. */
  secrets: (name: string | undefined) => pulumi.Output<string> | undefined;
  /** Whether the stack has monitoring, whose operator knows ServiceMonitors. */
  monitored: boolean;
  /** What people open beside the apps, by what it is. */
  dashboards?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Prometheus inside the cluster; undefined without. */
  prometheus?: string | undefined;
  /** Apps whose objects a Git repository takes over. */
  handover?: Readonly<Partial<Record<string, Handover>>>;
  /** What stands before names; undefined without. */
  ingress?: IngressOffer | undefined;
}

/** The apps, each in a namespace of its own, with what they share: the classes of their volumes. */
export class Apps extends pulumi.ComponentResource {
  /** Where each app is reached, by its name: "http://192.168.1.10:30096". */
  readonly urls: Readonly<Record<string, string>>;

  constructor(name: string, args: AppsArgs, opts: pulumi.ComponentResourceOptions) {
    super("vmstation:apps:Apps", name, {}, opts);
    const { plans } = args;
    const volumes = plans.flatMap((plan) => plan.volumes);
    const storageClasses = createStorageClasses(volumes, { parent: this });
    for (const plan of plans) {
      const machine = machineOf(plan, args.machines);
      const own = machine?.address ?? args.controller.address;
      new HostedApp(
        {
          ...args,
          plan,
          machine,
          storageClasses,
          hosts: hostsOf(plan, args),
          neighbours: neighboursOf(plan, args),
          handover: args.handover?.[plan.name],
          address: addressOf(plan.machine, args) ?? own,
        },
        { parent: this },
      );
    }
    this.urls = Object.fromEntries(plans.map((plan) => [plan.name, urlOf(plan, args)]));
    this.registerOutputs({ urls: this.urls });
  }
}

/** People know a dashboard by its title, "Grafana", and are at home when they open it. */
function neighboursOf(plan: AppPlan, args: AppsArgs): Neighbours {
  const { plans, dashboards = {}, prometheus } = args;
  return {
    apps: plans
      .filter((other) => other !== plan && other.ports.some(({ speaks }) => speaks === "http"))
      .map((other) => ({
        title: other.title,
        url: urlOf(other, args),
        access: other.route?.access ?? "lan",
      })),
    dashboards: Object.entries(dashboards).map(([name, url]) => ({
      title: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      url,
      access: "internal",
    })),
    prometheus,
  };
}

/** stacks/ refuses a configuration that names an unknown machine; this is for callers that skip it. */
function machineOf(plan: AppPlan, machines: readonly Machine[]): Machine | undefined {
  if (plan.machine === undefined) return undefined;
  const machine = machines.find(({ name }) => name === plan.machine);
  if (machine === undefined) {
    throw new Error(`apps.${plan.name}.machine: there is no machine ${plan.machine}`);
  }
  return machine;
}

/** How people reach an app: by its name, or at its port. */
export function urlOf(
  plan: AppPlan,
  args: Pick<AppsArgs, "machines" | "controller" | "ingress">,
): string {
  const named = args.ingress && nameOf(hostsOf(plan, args)[0], args.ingress);
  if (named !== undefined) return `https://${named}`;
  const [port] = plan.ports;
  const host = addressOf(plan.machine, args) ?? args.controller.address;
  if (port?.nodePort === undefined) return host;
  return `${port.speaks === "http" ? "http://" : ""}${host}:${port.nodePort}`;
}

function nameOf(use: HostUse | undefined, ingress: IngressOffer): string | undefined {
  return use && fullName(use, ingress);
}
