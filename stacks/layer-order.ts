import type * as pulumi from "@pulumi/pulumi";
import { after } from "./after";

type Options = pulumi.ComponentResourceOptions;
type Child = pulumi.ResourceTransformationArgs;

/**
 * The layers of a cluster, one after the other. In Pulumi, what waits for a component without resources waits for
 * nothing. So a layer that makes nothing for this configuration, like one that is left out, passes on what it waited for.
 */
export class LayerOrder {
  private earlier: readonly pulumi.Resource[];
  private current: pulumi.Resource[] = [];
  private readonly others: pulumi.Resource[] = [];

  /** The first layer waits for `start`. */
  constructor(start: pulumi.Resource) {
    this.earlier = [start];
  }

  /**
   * Options of the next layer's component: it waits for the last layer that has resources. `isNeeded` says for which of
   * its resources the layers after it wait, which is all by default: what nobody needs keeps nobody waiting.
   */
  next(options: Options = {}, isNeeded: (child: Child) => boolean = () => true): Options {
    if (this.current.length > 0) this.earlier = this.current;
    const needed: pulumi.Resource[] = [];
    this.current = needed;
    const keep = (child: Child) => {
      (isNeeded(child) ? needed : this.others).push(child.resource);
    };
    return { ...options, ...after(this.earlier, keep) };
  }

  /** What comes after everything waits for these. */
  get everything(): readonly pulumi.Resource[] {
    const earlier = this.current.length > 0 ? this.current : this.earlier;
    return [...earlier, ...this.others];
  }
}
