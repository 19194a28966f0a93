import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../../node/machine";
import type { RemoteAccess } from "../../remote/machine";
import { fullName, type HostUse } from "../../shared/hosts";
import { createRoute, type IngressOffer } from "../../shared/routes";
import { RemoteStep } from "../../remote/remote-step";
import type { AppFrame, AppPlan, Neighbours } from "./app";
import type { AppsConfig } from "../config";
import { renderFoldersStep } from "./folders";
import {
  renderLabels,
  renderPlacement,
  renderPlacementAnywhere,
  renderSelector,
} from "./placement";
import { renderLimitRange, renderQuota } from "./quota";
import { createVolume } from "./storage";
import { createWatch } from "./watching";

/**
 * "prepared": its objects stay in the cluster when they leave the program; "handed-over": they have left it;
 * "taken-back": they are made over those that are there.
 */
export type Handover = "prepared" | "handed-over" | "taken-back";

export interface HostedAppArgs {
  plan: AppPlan;
  /** The machine that the plan names; undefined for any that is always on. */
  machine: Machine | undefined;
  /** All machines, for the addresses of NFS servers. */
  machines: readonly Machine[];
  access: RemoteAccess;
  config: Pick<AppsConfig, "quota" | "charts">;
  /** The address under which people reach a NodePort, or the port that the control plane holds. */
  address: string;
  secrets: AppFrame["secrets"];
  neighbours: Neighbours;
  /** Whether a Git repository takes over its objects, or has done so. */
  handover?: Handover | undefined;
  /** Whether Prometheus is there to fetch metrics. */
  monitored: boolean;
  /** Its names behind the ingress, its own first, and what stands before names; undefined without. */
  hosts: readonly HostUse[];
  ingress?: IngressOffer | undefined;
  /** The storage classes, which the claims wait for. */
  storageClasses: readonly pulumi.Resource[];
}

/** One app in its namespace: quota, folders, volumes, workload, alert and metrics. */
export class HostedApp extends pulumi.ComponentResource {
  constructor(args: HostedAppArgs, opts: pulumi.ComponentResourceOptions) {
    super(`vmstation:apps:${args.plan.title}`, `apps-${args.plan.name}`, {}, opts);
    const limits = this.createLimits(args);
    const folders = this.createFolders(args);
    const claims = this.createVolumes(args, folders);
    const frame = this.renderFrame(args, [...limits, ...claims]);
    if (args.handover !== "handed-over") args.plan.deploy(frame);
    this.createHosts(args);
    this.createRoutes(args);
    if (args.monitored) createWatch(args.plan, args.machine?.sleeps === true, this);
    this.registerOutputs({});
  }

  private createLimits({ plan, config }: HostedAppArgs): pulumi.Resource[] {
    const metadata = { name: plan.name, namespace: plan.name };
    const quota = plan.quota ?? config.quota;
    const own = plan.fillsResources === true ? plan.resources : undefined;
    return [
      new k8s.core.v1.ResourceQuota(
        `apps-${plan.name}-quota`,
        { metadata, spec: renderQuota(quota) },
        { parent: this },
      ),
      new k8s.core.v1.LimitRange(
        `apps-${plan.name}-limits`,
        { metadata, spec: renderLimitRange(quota, own) },
        { parent: this },
      ),
    ];
  }

  private createFolders({ plan, machine, access }: HostedAppArgs): pulumi.Resource[] {
    if (machine === undefined) return [];
    const step = renderFoldersStep(plan.name, plan.volumes, machine);
    if (step === undefined) return [];
    const name = `apps-${plan.name}-folders-${machine.name}`;
    return [new RemoteStep(name, { machine, access, step }, { parent: this })];
  }

  private createHosts({ plan, machines, access }: HostedAppArgs): void {
    for (const { machine: wanted, step } of plan.hosts ?? []) {
      const machine = machines.find(({ name }) => name === wanted);
      if (machine === undefined) throw new Error(`${plan.name}: there is no machine ${wanted}`);
      const name = `apps-${step.name}-${machine.name}`;
      new RemoteStep(name, { machine, access, step }, { parent: this });
    }
  }

  private createRoutes({ plan, hosts, ingress }: HostedAppArgs): void {
    if (ingress === undefined) return;
    for (const host of hosts) createRoute(`apps-${plan.name}`, host, ingress, { parent: this });
  }

  private createVolumes(args: HostedAppArgs, folders: pulumi.Resource[]): pulumi.Resource[] {
    const { plan, machines, storageClasses } = args;
    const context = {
      app: plan.name,
      machine: plan.machine,
      addressOf: (name: string) => machines.find((machine) => machine.name === name)?.address,
    };
    const opts = { parent: this, dependsOn: [...storageClasses, ...folders] };
    return plan.volumes.map((volume) => createVolume(volume, context, opts));
  }

  private renderFrame(args: HostedAppArgs, dependsOn: pulumi.Resource[]): AppFrame {
    const { plan, machine, ingress } = args;
    const [host] = args.hosts;
    const sleeps = machine?.sleeps === true;
    const isOpen = !sleeps && plan.ports.some(({ nodePort }) => nodePort !== undefined);
    return {
      parent: this,
      neighbours: args.neighbours,
      after: (...more) => ({
        ...{ parent: this, dependsOn: [...dependsOn, ...more] },
        ...(args.handover === "prepared" ? { retainOnDelete: true } : {}),
      }),
      prefix: `apps-${plan.name}`,
      namespace: plan.name,
      sleeps,
      labels: renderLabels(plan.name, machine?.name, sleeps),
      selector: renderSelector(plan.name),
      annotations: sleeps ? { "pulumi.com/skipAwait": "true" } : {},
      serviceType: isOpen ? "NodePort" : "ClusterIP",
      placement:
        machine === undefined
          ? renderPlacementAnywhere(args.machines)
          : renderPlacement(machine.name, sleeps, machine.taints),
      sources: args.config.charts,
      secrets: args.secrets,
      address: args.address,
      host: host && ingress && fullName(host, ingress),
    };
  }
}
