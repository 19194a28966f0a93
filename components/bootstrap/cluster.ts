import type * as pulumi from "@pulumi/pulumi";

/**
 * What every bootstrap method yields, and all that later layers know of it: they cannot tell which method ran.
 */
export interface Cluster {
  /** A kubeconfig with administrator's rights; always a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The API server's URL, "https://192.168.1.10:6443". */
  readonly endpoint: pulumi.Output<string>;
  /** Later layers depend on this: API, machines, CNI and DNS have been seen to work. */
  readonly ready: pulumi.Resource;
  /**
   * What the method has recorded of the cluster, as JSON: the stack keeps it as its output `bootstrap`, by which the next
   * preview names what will run. Absent where a preview shows that by the resources themselves.
   */
  readonly record?: pulumi.Output<string>;
}
