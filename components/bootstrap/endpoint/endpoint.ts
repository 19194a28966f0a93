import * as pulumi from "@pulumi/pulumi";
import { RemoteStep } from "../../remote/remote-step";
import type { ClusterArgs } from "../args";
import type { ApiServerFiles } from "../method";
import type { EndpointConfig } from "./config";
import { endpointStep, holders } from "./step";

/** Name of the component. Its steps' names begin with it. */
export const ENDPOINT = "bootstrap-endpoint";

export interface EndpointArgs {
  cluster: ClusterArgs;
  config: EndpointConfig;
  /** Of the method; see MethodSpec. */
  api: ApiServerFiles;
}

/** The API server's virtual address: keepalived on each control plane, before the method installs anything. */
export class Endpoint extends pulumi.ComponentResource {
  /** What uses the address comes after all of them. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: EndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmstation:bootstrap:Endpoint", name, {}, opts);
    const { cluster, config, api } = args;
    this.ready = holders(cluster.machines).map(
      (machine) =>
        new RemoteStep(
          `${name}-${machine.name}`,
          { machine, access: cluster.access, step: endpointStep(cluster, config, api, machine) },
          { parent: this },
        ),
    );
    this.registerOutputs({});
  }
}
