import * as crypto from "node:crypto";
import type { ClusterNetwork } from "../network/addresses";
import type { Machine } from "../node/machine";
import type * as pulumi from "@pulumi/pulumi";
import type { RemoteAccess } from "../remote/machine";
import type { CommonConfig } from "./common-config";

/** What every bootstrap method is given. */
export interface ClusterArgs<Config extends CommonConfig = CommonConfig> {
  /** Name of the cluster; asked for before anything is wiped. */
  readonly clusterName: string;
  /** All machines of the cluster, in any order. */
  readonly machines: readonly Machine[];
  /** The control plane that the others join and that Ansible runs on. */
  readonly controller: Machine;
  readonly access: RemoteAccess;
  readonly network: ClusterNetwork;
  /** Where magic packets go: a run wakes the machines that it is about to change. */
  readonly broadcast: string;
  /** Seconds from the first magic packet until SSH answers, at most, of the machine that takes longest. */
  readonly wakeTimeout: number;
  /** What later layers make through an API of the cluster's add-ons, as kubectl names it: the cluster is ready with it. */
  readonly awaitedResources: readonly string[];
  readonly config: Config;
  /** A secret's value by its name; undefined where it is not set. Absent where nothing is installed. */
  readonly secrets?: (name: string | undefined) => pulumi.Output<string> | undefined;
}

/** The machines by name: their order in the configuration means nothing. */
export function byName(machines: readonly Machine[]): readonly Machine[] {
  return [...machines].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** SHA-256 of a value, whatever the order of its keys. */
export function digestOf(value: unknown): string {
  return crypto.createHash("sha256").update(canonical(value)).digest("hex");
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
