import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { ControlPlaneBackup } from "../backup/types";
import type { Machine } from "../node/machine";
import type { Step } from "../remote/step";
import type { FirewallRule, PackageNeed, SecretUse } from "../shared/facts";
import type { Problem } from "../shared/problem";
import type { ClusterArgs } from "./args";
import type { Architecture } from "./architectures";
import type { Cluster } from "./cluster";
import type { CommonConfig } from "./common-config";
import type { Downloads } from "./downloads";
import type { KeyChanges } from "./key-changes";
import type { OwnMarks } from "./marks";

/** What a method's own rules may look at beside its configuration. */
export interface MethodSite {
  readonly machines: readonly (Pick<
    Machine,
    "name" | "address" | "clusterAddress" | "nic" | "roles" | "sleeps"
  > & {
    readonly bmc?: { readonly address: string } | undefined;
  })[];
  readonly lan: { readonly cidr: string; readonly gateway: string; readonly broadcast: string };
}

/** How the API server on a control plane is reached by programs there, for a virtual address. */
export interface ApiServerFiles {
  /** A client's certificate that the API server takes, and its key. */
  readonly cert: string;
  readonly key: string;
  /** Folder of the API server's certificate, where nobody else adds names to that of a running cluster. */
  readonly pki?: string;
}

/** Names of machines, by what they are in the cluster. */
export interface Members {
  readonly all: readonly string[];
  readonly controlPlanes: readonly string[];
  /** Undefined if the configuration names none, which another check reports. */
  readonly controller: string | undefined;
}

/** How a cluster is taken away, by `vmstation reset`. */
export interface Reset<Args> {
  /** Runs the whole installation again on the controller, over the existing cluster. Absent if the method cannot. */
  readonly again?: (args: Args) => Step;
  /** One step on the controller that wipes every machine, or one that is removed on each of them. */
  readonly wipe:
    | { readonly on: "controller"; step(args: Args): Step; readonly takesSnapshot: boolean }
    | { readonly on: "each machine"; step(args: Args): Step };
  /** What is removed from the controller at the very end; `destroy` leaves it there, as a wipe needs it. */
  readonly leftovers?: (args: Args) => readonly Step[];
}

/** The names of the runs on a machine whose logs `vmstation bootstrap log` shows. */
export interface RunNames {
  /** Of what is installed before the cluster: Ansible, or Kubernetes' programs. */
  readonly install: string;
  /** Of the cluster itself, on the controller and on each other machine. */
  readonly controller: string;
  readonly others: string;
}

/**
 * One way to a cluster: all that anybody asks of it. `Config` is what the user writes under vmstation:bootstrap where
 * `method` is its name.
 */
export interface MethodSpec<Config extends CommonConfig> {
  /** What the user writes as `method`. */
  readonly name: Config["method"];
  /** As documents call it. */
  readonly title: string;
  readonly marks: OwnMarks;
  /** Architectures that the programs are built for, each with the keys of digests that are needed and missing. */
  architectures(config: Config): Readonly<Partial<Record<Architecture, readonly string[]>>>;
  /** Name of the file, in /var/lib/vmstation/bootstrap, in which the controller keeps what was installed. */
  readonly record: string;
  /** Bits of the network that each machine gets for its pods. */
  readonly nodeBits: number;
  /** Memory limits of CoreDNS and metrics-server in MiB, where it is known what they are. */
  readonly addonLimits?: { readonly coreDns: number; readonly metricsServer: number };
  /**
   * Whether API server, controller manager, scheduler and kube-proxy are one process with the kubelet, whose metrics are
   * then all there are of them.
   */
  readonly isOneProcess?: boolean;
  /** DaemonSets that have a pod on each machine: Calico's, and kube-proxy where it is one. */
  readonly daemonSets: readonly string[];
  /** What becomes of each key when it changes under a running cluster. */
  readonly keyChanges: KeyChanges;
  readonly runs: RunNames;
  readonly reset: Reset<ClusterArgs<Config>>;
  create(name: string, args: ClusterArgs<Config>, opts?: pulumi.ComponentResourceOptions): Cluster;
  /** Beside the ports of Kubernetes and Calico. */
  firewall(config: Config, members: Members): readonly FirewallRule[];
  packages(members: Members): readonly PackageNeed[];
  /** How etcd runs on the controller, and what a rebuilt control plane has to have again, beside the record. */
  controlPlane(controller: string): ControlPlaneBackup;
  /** Mistakes that need the machines or other layers. */
  problems?(config: Config, site: MethodSite): readonly Problem[];
  /** Secrets that the configuration refers to. */
  secrets?(config: Config): readonly SecretUse[];
  /** For `bootstrap.endpoint`; absent if the method cannot have a virtual address. */
  readonly endpoint?: ApiServerFiles;
  /** An address that the method itself moves to a control plane that is up, where the configuration has one. */
  virtualAddress?(config: Config): string | undefined;
  /** What a stack's file says about versions, by key; see `vmstation promote`. */
  pins?(config: Config): Readonly<Record<string, string | undefined>>;
  /** All that the machines fetch over the network, for their architecture; see `vmstation mirror list`. */
  downloads(args: ClusterArgs<Config>, architecture: Architecture): Downloads;
  /** A script that asks the controller what `up` would run; see `vmstation bootstrap plan`. */
  question?(args: ClusterArgs<Config>): string;
}

/** A method as others use it: each function takes the configuration as it is and throws where it is another method's. */
export type BootstrapMethod = MethodSpec<CommonConfig> &
  Required<Pick<MethodSpec<CommonConfig>, "problems" | "pins" | "secrets" | "virtualAddress">>;

/** The method with its schema. Its functions are only ever given a configuration of its own. */
export function defineMethod<Schema extends z.ZodType<CommonConfig>>(
  schema: Schema,
  spec: MethodSpec<z.output<Schema>>,
): BootstrapMethod & {
  readonly name: z.output<Schema>["method"];
  readonly schema: Schema;
} {
  type Config = z.output<Schema>;
  const isOwn = (config: CommonConfig): config is Config => config.method === spec.name;
  const own = (config: CommonConfig): Config => {
    if (isOwn(config)) return config;
    throw new Error(`the method ${spec.name} was given a configuration of ${config.method}`);
  };
  const ownArgs = (args: ClusterArgs): ClusterArgs<Config> => ({
    ...args,
    config: own(args.config),
  });
  const { again, wipe, leftovers } = spec.reset;
  return {
    ...spec,
    schema,
    reset: {
      ...(again && { again: (args: ClusterArgs) => again(ownArgs(args)) }),
      wipe: { ...wipe, step: (args: ClusterArgs) => wipe.step(ownArgs(args)) },
      ...(leftovers && { leftovers: (args: ClusterArgs) => leftovers(ownArgs(args)) }),
    },
    create: (name, args, opts) => spec.create(name, ownArgs(args), opts),
    firewall: (config, members) => spec.firewall(own(config), members),
    architectures: (config) => spec.architectures(own(config)),
    problems: (config, site) => spec.problems?.(own(config), site) ?? [],
    secrets: (config) => spec.secrets?.(own(config)) ?? [],
    virtualAddress: (config) => spec.virtualAddress?.(own(config)),
    pins: (config) => spec.pins?.(own(config)) ?? {},
    downloads: (args, architecture) => spec.downloads(ownArgs(args), architecture),
    ...(spec.question && { question: (args: ClusterArgs) => spec.question?.(ownArgs(args)) ?? "" }),
  };
}
