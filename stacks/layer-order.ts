import type * as pulumi from "@pulumi/pulumi";
import { after } from "./after";

/**
 * The layers of a cluster, one after the other. In Pulumi, what waits for a component without resources waits for
 * nothing. So a layer that makes nothing for this configuration, like one that is left out, passes on what it waited for.
 */
export class LayerOrder {
  private earlier: readonly pulumi.Resource[];
  private current: pulumi.Resource[] = [];

  /** The first layer waits for `start`. */
  constructor(start: pulumi.Resource) {
    this.earlier = [start];
  }

  /** Options of the next layer's component: it waits for the last layer that has resources. */
  next(options: pulumi.ComponentResourceOptions = {}): pulumi.ComponentResourceOptions {
    if (this.current.length > 0) this.earlier = this.current;
    const resources: pulumi.Resource[] = [];
    this.current = resources;
    return { ...options, ...after(this.earlier, (resource) => resources.push(resource)) };
  }
}
