import type { AlertGroup } from "./alerts";
import type { HostUse } from "./hosts";
import type { Problem } from "./problem";

/**
 * What a layer says of itself before any resource exists: pure values that stacks/ checks across layers and
 * hands to the layer that acts on them (firewall rules and packages to node/, namespaces to network/).
 * A `path` is the configuration key that a message points at, such as "monitoring.grafana.nodePort".
 */
export interface LayerFacts {
  readonly nodePorts?: readonly NodePortUse[];
  readonly placements?: readonly Placement[];
  readonly volumes?: readonly VolumePlace[];
  readonly memory?: readonly MemoryUse[];
  readonly firewall?: readonly FirewallRule[];
  readonly packages?: readonly PackageNeed[];
  readonly namespaces?: readonly NamespaceNeed[];
  readonly secrets?: readonly SecretUse[];
  readonly dashboards?: readonly DashboardNeed[];
  readonly dashboardFiles?: readonly DashboardFile[];
  readonly backups?: readonly BackupSource[];
  readonly addresses?: readonly AddressUse[];
  readonly alerts?: readonly AlertGroup[];
  readonly scrapes?: readonly ScrapeNeed[];
  readonly openQuestions?: readonly OpenQuestion[];
  readonly hosts?: readonly HostUse[];
  readonly storageClasses?: readonly StorageClassFact[];
  readonly claims?: readonly ClaimUse[];
}

/** A storage class that makes a volume when a claim asks for one. */
export interface StorageClassFact {
  /** The key that describes it: "platform.storage.nfs". */
  readonly path: string;
  readonly name: string;
  readonly isDefault: boolean;
  readonly kind: "local" | "nfs" | "ceph";
  /** Machines whose pods can have a volume of it; all where it is left out. */
  readonly machines?: readonly string[];
  /** Where its volumes are folders, NAMESPACE_CLAIM each: on which machine, the pod's own where none is named. */
  readonly folder?: { readonly machine?: string; readonly directory: string };
}

/** A claim on a volume of such a class. */
export interface ClaimUse extends Placement {
  /** Name of the class; `path` is the key that names it, `machine` the one on which the claim is used. */
  readonly storageClass: string;
  readonly namespace: string;
  /** Name of the claim. */
  readonly claim: string;
  /** What uses it, in the user's words. */
  readonly user: string;
  /** Why its data must not lie on NFS, where it must not: "Prometheus damages its database there". */
  readonly notOnNfs?: string;
  /** Its pods have no machine of their own: `machine` is one of those on which they may run. */
  readonly isAnywhere?: boolean;
  /** How the backups hold it, where its class has folders; undefined where nothing in it is to be kept. */
  readonly backup: Omit<BackupSource, "machine" | "directory"> | undefined;
}

/** Addresses that belong to something: a machine, a pool, the cluster's services. Nothing else may have one of them. */
export interface AddressUse {
  /** The key that says so: "platform.loadBalancer.addresses[0]". */
  readonly path: string;
  /** First and last; the same for one address. */
  readonly from: string;
  readonly to: string;
  /** As a person writes them: "192.168.7.224/29". */
  readonly written: string;
  /** Whose they are, in the user's words: "naruto", "the router". */
  readonly user: string;
  /**
   * "lan": it must lie in the LAN. "anywhere": it is reached by way of it. "cluster": no other machine knows it. "nodes":
   * it must lie in the network that machines have for themselves.
   */
  readonly scope: "lan" | "anywhere" | "cluster" | "nodes";
  /** Of a network of scope "cluster": the addresses of scope "nodes" are its own. */
  readonly holdsNodes?: boolean;
  /**
   * It is another device's, and named by who connects to it: several keys may name it, and it may be one that another
   * key describes.
   */
  readonly isNamed?: boolean;
  /** "pool": the load balancer gives them out. "member": one of those, asked for by name. */
  readonly pool?: "pool" | "member";
}

/** What the configuration leaves open and may hurt: a warning, with what settles it. */
export interface OpenQuestion {
  readonly path: string;
  readonly message: string;
}

export interface NodePortUse {
  readonly path: string;
  readonly port: number;
}

/** Something that runs or lies on one named machine. */
export interface Placement {
  readonly path: string;
  readonly machine: string;
}

/** Data on a machine's disk. */
export interface VolumePlace extends Placement {
  /** Absolute path of the folder that holds the data. */
  readonly directory: string;
  /** The key that names the folder, where `path` names the machine. */
  readonly directoryPath?: string;
  /** The key's value, if the folder lies below it. */
  readonly configured?: string;
  /** The folder and what is in it is the owner's, and only read: others may use it too. */
  readonly isShared?: boolean;
  /** What uses it, in the user's words: "Prometheus". */
  readonly user: string;
  /** Whether its user sleeps with the machine; if not, the machine must always be on. */
  readonly sleepsWith: boolean;
  /** Its user is on another machine and mounts it over NFS, so that the machine must export it. */
  readonly overNfs?: boolean;
}

/** A folder that the backups hold. */
export interface BackupSource {
  /** Unique among all: "grafana", "jellyfin"; part of its snapshots' names, a DNS label. */
  readonly name: string;
  readonly set: "monitoring" | "apps";
  readonly machine: string;
  readonly directory: string;
  /** Patterns of names below it that are left out, each for a file or a whole folder. */
  readonly leaveOut: readonly string[];
  /** Whether SQLite databases may be in use below it, which only SQLite can copy in one piece. */
  readonly databases: boolean;
  /** The pods that have it mounted; after a restore they are started again. */
  readonly pods: { readonly namespace: string; readonly selector: string };
}

/** Memory limit, in bytes, of something that runs on one named machine. */
export interface MemoryUse extends Placement {
  readonly user: string;
  readonly bytes: number;
}

/** Who may connect: everybody, the LAN, the cluster's machines, or pods (pod CIDR). */
export type FirewallSource = "anywhere" | "lan" | "machines" | "pods";

/** One kind of traffic that a machine accepts. */
export interface FirewallRule {
  /** Names of the machines that accept it. */
  readonly machines: readonly string[];
  /** What it is for, in a few words; becomes the rule's comment. */
  readonly purpose: string;
  readonly protocol: "tcp" | "udp" | "ipip" | "vrrp";
  /** Ports or ranges ("10249-10259"); none for ipip and vrrp. */
  readonly ports?: readonly (number | string)[];
  readonly from: readonly FirewallSource[];
}

/** Packages by the names that the families of systems give them; systems.ts knows where one system differs. */
export interface PackageNeed {
  readonly machines: readonly string[];
  readonly debian: readonly string[];
  readonly rhel: readonly string[];
}

/** One peer of a policy: pods by label (in a namespace by name, else the same), or a network. */
export type PolicyPeer =
  | { readonly pods: Readonly<Record<string, string>>; readonly namespace?: string }
  | { readonly namespace: string }
  | { readonly cidr: string; readonly except?: readonly string[] };

/** Traffic that a namespace's default deny must let through. */
export interface PolicyNeed {
  /** Unique in its namespace: "grafana-from-lan". */
  readonly name: string;
  /** Labels of the pods it is about; all pods of the namespace where empty. */
  readonly pods: Readonly<Record<string, string>>;
  readonly direction: "ingress" | "egress";
  /** No peers: anybody. */
  readonly peers: readonly PolicyPeer[];
  /** No ports: all. */
  readonly ports: readonly { readonly port: number; readonly protocol: "TCP" | "UDP" }[];
}

/** A namespace that the program owns: default deny, DNS, and these policies. */
export interface NamespaceNeed {
  readonly name: string;
  /** Pod Security Standard that is enforced. */
  readonly podSecurity: "privileged" | "baseline" | "restricted";
  readonly policies: readonly PolicyNeed[];
}

/** A flat secret key that the configuration refers to. */
export interface SecretUse {
  /** Where it is referred to. */
  readonly path: string;
  /** The key, without the project: "bmcPassword". */
  readonly name: string;
  /** What is left out while it is not set, in the user's words. */
  readonly leftOut: string;
  /** Nothing could do without it: a stack in which it is not set is refused. */
  readonly isRequired?: boolean;
  /** What is wrong with its value, which no word of it may show; undefined where it is right. */
  readonly judge?: (value: string) => Omit<Problem, "path"> | undefined;
}

/** A dashboard of another layer than monitoring/, which draws it; not drawn without monitoring. */
export interface DashboardNeed {
  /** Unique among all dashboards: "app-jellyfin". */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly PanelNeed[];
}

/** A dashboard that somebody else has made; not there without monitoring. */
export interface DashboardFile {
  /** Unique among all dashboards, of at most 40 characters: "app-notes-overview". */
  readonly uid: string;
  /** JSON as Grafana reads it from a file, with this uid. */
  readonly text: string;
}

/** The newest values, values over time (both PromQL), or log lines (LogQL). */
export type PanelNeed =
  | {
      readonly kind: "figure" | "lines";
      readonly title: string;
      /** `legend` names the series: "{{pod}}". */
      readonly queries: readonly { readonly expr: string; readonly legend?: string }[];
      /** One of Grafana's units: "bytes", "s", "percentunit". */
      readonly unit?: string;
    }
  | { readonly kind: "logs"; readonly title: string; readonly expr: string };

/** Pods whose metrics are to be read, of another layer than monitoring/; not read without monitoring. */
export interface ScrapeNeed {
  /** Unique among all: "load-balancer"; the metrics' label `job`. */
  readonly name: string;
  readonly namespace: string;
  readonly pods: Readonly<Record<string, string>>;
  readonly port: number;
  /** "/metrics" where it is left out. */
  readonly path?: string;
  /** "https": by a certificate that the program made for itself. */
  readonly scheme?: "http" | "https";
  /** Whether the program asks the API server who reads its metrics, and whether he may. */
  readonly asksWho?: boolean;
  /** Machines on which the pods run in the machine's own network; none for pods with an address of their own. */
  readonly onMachines?: readonly string[];
}
