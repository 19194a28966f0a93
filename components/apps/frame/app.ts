import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { AlertGroup } from "../../shared/alerts";
import type {
  DashboardFile,
  FirewallRule,
  NamespaceNeed,
  PanelNeed,
  PolicyNeed,
  SecretUse,
} from "../../shared/facts";
import type { Machine } from "../../node/machine";
import type { Json } from "../../shared/json";
import type { Networks } from "../../shared/policies";
import type { Access } from "../../shared/hosts";
import type { Problem } from "../../shared/problem";
import type { AppProbe, Speaks } from "../../power/types";
import type { Step } from "../../remote/step";
import type { Resources } from "../../shared/scalars";
import type { Quota } from "./quota";
import type { AppSources } from "./sources";

/**
 * The contract of an app: a folder that exports one such object under the app's name, and a line in registry.ts.
 * Everything else (namespace, quota, storage, facts, wake on connect) follows from the plan.
 */
export interface App<Schema extends z.ZodType = z.ZodType> {
  /** What a user may write under `vmstation:apps:NAME`. */
  readonly schema: Schema;
  plan(config: z.infer<Schema>, site: AppSite): AppPlan;
  /** Versions that a user may choose, by their keys: a stack must have tried them before another one gets them. */
  versions?(config: z.infer<Schema>): Readonly<Record<string, string>>;
}

/** A machine, as far as an app's plan depends on it. */
export type AppMachine = Pick<Machine, "name" | "address" | "sleeps" | "roles">;

/** Where the apps stand: what they may know of the rest of the configuration. */
export interface AppSite {
  readonly machines: readonly AppMachine[];
  /** The control plane that holds the ports of apps whose machine sleeps; undefined without one. */
  readonly controller: Pick<AppMachine, "name" | "address"> | undefined;
  readonly lan: { readonly cidr: string };
  readonly network: Networks["network"];
}

/** A port that the app serves. */
export interface AppPort {
  /** Unique in the app, 15 characters at most: "http". */
  readonly name: string;
  readonly port: number;
  /** The NodePort under which people reach it; undefined where they come by its name alone. */
  readonly nodePort: number | undefined;
  /** The configuration key of that NodePort. */
  readonly path: string;
  /** What on it deserves to wake a machine that sleeps. */
  readonly speaks: Speaks;
}

/** The name of an app behind the ingress, which only HTTP can have. */
export interface AppRoute {
  /** The key that names it: "apps.jellyfin.host". */
  readonly path: string;
  readonly written: string;
  readonly access: Access;
  /** Name of the port. */
  readonly port: string;
  /** See HostUse. */
  readonly suffix?: string;
  readonly closed?: readonly string[];
}

interface AppVolumeBase {
  /** Unique in the app; also the name of its claim: "config". */
  readonly name: string;
  /** The configuration key that places it. */
  readonly path: string;
  /** Bytes; what the claim asks for. Local and NFS volumes do not enforce it. */
  readonly size: number;
}

/** A folder on the disk of the app's machine. */
export interface LocalVolume extends AppVolumeBase {
  readonly kind: "local";
  readonly directory: string;
  /** USER:GROUP of the folder; absent where the folder is the user's own, which must exist and stays untouched. */
  readonly owner?: string;
  readonly readOnly: boolean;
}

/** A folder that another machine exports; read only, since a soft mount may lose writes and a hard one hangs. */
export interface NfsVolume extends AppVolumeBase {
  readonly kind: "nfs";
  /** Name of the machine that exports it. */
  readonly server: string;
  readonly directory: string;
  readonly readOnly: true;
}

/** A volume that a storage class of the platform makes for the app, and keeps when the app goes. */
export interface ClaimVolume extends AppVolumeBase {
  readonly kind: "claim";
  /** Name of the class; `path` is the key that names it. */
  readonly storageClass: string;
  /** Why the backups leave it out: what is worth keeping of it is in another volume. */
  readonly isKeptElsewhere?: boolean;
  readonly readOnly: false;
}

/** A volume that is described one by one. */
export type PlacedVolume = LocalVolume | NfsVolume;

export type AppVolume = PlacedVolume | ClaimVolume;

/** What an app is, as values; only `deploy` makes resources. */
export interface AppPlan {
  /** Key under `vmstation:apps`; also the name of its namespace, workload and Service. */
  readonly name: string;
  /** As in "vmstation:apps:Jellyfin" and in messages. */
  readonly title: string;
  /** Undefined where it may run on any machine that is always on. */
  readonly machine: string | undefined;
  readonly podSecurity: NamespaceNeed["podSecurity"];
  readonly resources: Resources;
  /** Instead of `apps.quota`. */
  readonly quota?: Quota | undefined;
  /** Whether containers that name no resources get `resources`. */
  readonly fillsResources?: boolean;
  /** Labels that its pods and its Service have and no other app's; default: renderSelector's. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports: readonly AppPort[];
  readonly volumes: readonly AppVolume[];
  /** Beside the default deny, DNS and the app's own ports, which come by themselves. */
  readonly policies: readonly PolicyNeed[];
  /** What runs on a machine itself for its sake. */
  readonly hosts?: readonly { readonly machine: string; readonly step: Step }[];
  /** What machines must accept for it beside its ports. */
  readonly firewall?: readonly FirewallRule[];
  readonly secrets: readonly SecretUse[];
  /** At which port of the Service the power controller asks who uses the app, and the app's own way to ask. */
  readonly idle: { readonly port: number; readonly probe?: AppProbe };
  /** Where Prometheus fetches the app's metrics: a port of its Service by name, and a path. */
  readonly metrics?: { readonly port: string; readonly path: string };
  /** Its name behind the ingress, and the port that answers there, by its name. */
  readonly route?: AppRoute | undefined;
  /** Further names, each with a suffix. */
  readonly moreRoutes?: readonly AppRoute[];
  /** Whether the configuration alone describes it: others have written its objects. */
  readonly isConfigured?: true;
  /** Beside the one of its pods, which comes by itself. */
  readonly alerts?: readonly AlertGroup[];
  /** What validation's app_NAME.py is told of it; nothing but its pods is checked where it is left out. */
  readonly checks?: Json;
  /** Whether its pods ask Prometheus, which then lets them in. */
  readonly asksPrometheus?: boolean;
  /** On the app's dashboard beside its pods' state, use and logs, which come by themselves. */
  readonly panels?: readonly PanelNeed[];
  /** Whole dashboards, beside the app's own one. */
  readonly dashboards?: readonly DashboardFile[];
  /** Scaled to 0 while the machine is switched off, and therefore without `replicas` of its own. */
  readonly workload: { readonly kind: "Deployment" | "StatefulSet"; readonly name: string };
  readonly service: string;
  /** Folders on the machine that a backup must hold. */
  readonly backups: readonly string[];
  /** What cannot work although each key is right by itself, in files that the configuration names as well. */
  readonly judge?: () => readonly Problem[];
  /** What is wrong with what another program makes of these files, where it is available. */
  readonly judgeRendered?: (how: Judging) => Judged;
  /** Makes the workload inside what the frame has prepared: objects, a Helm release, a kustomize.v2.Directory. */
  readonly deploy: (frame: AppFrame) => void;
}

/** How an app's files are looked at. */
export interface Judging {
  readonly sources: Pick<AppSources, "repository">;
  /** Whether charts of repositories may be fetched; those that were fetched before are looked at anyway. */
  readonly fetches: boolean;
  readonly cluster: ClusterTraits;
}

/** What charts ask a cluster for: `.Capabilities`. */
export interface ClusterTraits {
  /** "1.35.4" */
  readonly kubernetesVersion: string;
  /** Beside Kubernetes' own: "monitoring.coreos.com/v1". */
  readonly apiVersions: readonly string[];
}

export interface Judged {
  readonly problems: readonly Problem[];
  /** What could not be looked at, by its key. */
  readonly warnings: readonly { readonly path: string; readonly message: string }[];
}

/** Something that people open, by its address. */
export interface AppLink {
  readonly title: string;
  readonly url: pulumi.Input<string>;
  readonly access: Access;
}

/** What an app may tell people of the rest of the stack. */
export interface Neighbours {
  /** The other apps, and where they are reached. */
  readonly apps: readonly AppLink[];
  readonly dashboards: readonly AppLink[];
  /** Prometheus inside the cluster; undefined where the stack has none. */
  readonly prometheus: string | undefined;
}

/** What an app's workload is put into. */
export interface AppFrame extends AppFrameValues {
  /** The component that every resource of `deploy` belongs to. */
  readonly parent: pulumi.Resource;
  readonly neighbours: Neighbours;
  /** Options of a resource that comes after quota, limits and claims, and after those given. */
  readonly after: (...resources: pulumi.Resource[]) => pulumi.ResourceOptions;
}

/** The frame's plain values, all that a workload is rendered from. */
export interface AppFrameValues {
  /** Logical names start with it: "apps-jellyfin". */
  readonly prefix: string;
  readonly namespace: string;
  /** Whether the machine sleeps: nothing may then wait for the workload, and its port is owned elsewhere. */
  readonly sleeps: boolean;
  /** For the workload and its pods; the selector is a part of it. */
  readonly labels: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>>;
  /** For objects whose readiness needs the machine awake. */
  readonly annotations: Readonly<Record<string, string>>;
  /** ClusterIP where a socket on the control plane owns the port, NodePort on an always-on machine. */
  readonly serviceType: "ClusterIP" | "NodePort";
  readonly placement: AppPlacement;
  readonly sources: AppSources;
  /** The configuration's secrets by name; undefined where one is not set. */
  readonly secrets: (name: string | undefined) => pulumi.Output<string> | undefined;
  /** The address under which people reach the app's NodePort. */
  readonly address: string;
  /** Its whole name behind the ingress, "photos.example.org"; undefined without. */
  readonly host?: string | undefined;
}

/** The part of a pod's spec that keeps it on its machine, asleep or awake. */
export interface AppPlacement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: k8s.types.input.core.v1.Toleration[];
  /** Of an app without a machine of its own: none that sleeps. */
  readonly affinity?: k8s.types.input.core.v1.Affinity;
}
