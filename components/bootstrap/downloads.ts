import type { ClusterArgs } from "./args";
import type { Artefact } from "./artefacts";
import type { CommonConfig } from "./common-config";

/** A file that machines fetch, by its publisher's URL. */
export interface FileNeed {
  readonly url: string;
  /** Undefined where only the publisher's own list, which is at `listedIn`, has it. */
  readonly sha256?: string | undefined;
  /** URL of a list of digests, which is itself among the files. */
  readonly listedIn?: string;
  readonly machines: readonly string[];
}

/** An image that machines pull. */
export interface ImageNeed {
  /** With its tag, and its digest where the program pins it: "registry.k8s.io/pause:3.10.1@sha256:…". */
  readonly image: string;
  readonly machines: readonly string[];
}

/** What is fetched as well, and cannot be listed from the configuration alone. */
export interface Unlisted {
  readonly what: string;
  readonly advice: string;
}

/** All that a method's machines fetch over the network to become the cluster. */
export interface Downloads {
  readonly files: readonly FileNeed[];
  readonly images: readonly ImageNeed[];
  readonly unlisted: readonly Unlisted[];
}

/** The same cluster without a mirror: its files come from their publishers. */
export function withoutMirror<Config extends CommonConfig>(
  args: ClusterArgs<Config>,
): ClusterArgs<Config> {
  const { config } = args;
  return { ...args, config: { ...config, sources: { ...config.sources, files: undefined } } };
}

/** Names of all machines of the cluster, sorted. */
export function everyMachine({ machines }: Pick<ClusterArgs, "machines">): readonly string[] {
  return machines.map(({ name }) => name).sort();
}

/** Names of the machines that have a role, sorted. */
export function machinesWith(
  { machines }: Pick<ClusterArgs, "machines">,
  role: "control-plane" | "etcd" | "worker",
): readonly string[] {
  return machines
    .filter(({ roles }) => roles.includes(role))
    .map(({ name }) => name)
    .sort();
}

/** Files that are pinned by a digest, for some machines. */
export function needsOf(
  artefacts: readonly Artefact[],
  machines: readonly string[],
): readonly FileNeed[] {
  return artefacts.map(({ url, sha256 }) => ({ url, sha256, machines }));
}

/** Each machine once, sorted. */
export function together(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].sort();
}
