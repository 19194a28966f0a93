import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { Machine } from "../node/machine";
import type { LanConfig } from "../remote/config";
import type { RemoteAccess } from "../remote/machine";
import type { AddressRange } from "../shared/addresses";
import type { ChartSources } from "../shared/charts";
import type { LayerFacts } from "../shared/facts";
import type { HostUse } from "../shared/hosts";
import type { Json } from "../shared/json";
import type { Networks } from "../shared/policies";
import type { Problem } from "../shared/problem";
import type { IngressOffer } from "../shared/routes";

/**
 * One thing between the network and the apps: a folder that exports one such object, and a line in registry.ts. Each is
 * left out where the configuration does not name it.
 */
export interface PlatformPart<Schema extends z.ZodType = z.ZodType> {
  /** What a user may write under `vmstation:platform:KEY`. */
  readonly schema: Schema;
  plan(config: z.output<Schema>, site: PlatformSite): PartPlan;
}

/** What a part may know of the configuration. */
export interface PlatformSite {
  readonly machines: readonly Machine[];
  /** The control plane that steps of the platform run on; undefined without one, which another check reports. */
  readonly controller: Machine | undefined;
  readonly lan: Pick<LanConfig, "cidr" | "gateway" | "domain">;
  readonly network: Networks["network"];
  readonly apiServerPort: number;
  readonly clusterDns: string;
  /** Of the bootstrap method: see MethodSpec. */
  readonly isOneProcess?: boolean;
  /** The domain that the world knows, where the configuration names one. */
  readonly domain: string | undefined;
  /** The domain of names that only the LAN and the private network know. */
  readonly internalDomain: string;
  readonly charts: ChartSources;
  /** The apps, and the address under which people reach their ports, asleep or awake. */
  readonly served: readonly { readonly name: string; readonly address: string }[];
  /** Whether there is monitoring, which reads metrics. */
  readonly monitored: boolean;
  /** Whether the configuration names the part of that key, wherever it comes. */
  readonly has: (key: string) => boolean;
  /** What the parts before this one offer, in the order of registry.ts. */
  readonly offers: Offers;
}

/** What parts offer to those after them; each key belongs to one part. */
export interface Offers {
  /** The load balancer's addresses. */
  readonly pool?: readonly AddressRange[];
  /** Name of the secret by which certificates prove that domains are yours. */
  readonly dnsToken?: string | undefined;
  /** Names of the machines that answer for them. */
  readonly announcers?: readonly string[];
  /** What routes to names have to know. */
  readonly ingress?: IngressOffer;
  /** The names below the internal domain that the platform's own server knows. */
  readonly names?: {
    /** Where it answers. */
    readonly server: string;
    readonly domain: string;
    readonly records: readonly {
      readonly name: string;
      readonly address: string;
      readonly path: string;
    }[];
  };
}

/** What a part needs and makes in one stack. All of it is plain data but `create`. */
export interface PartPlan {
  /** For the checks across layers, and for the layers that act on them; some follow from the names behind the ingress. */
  readonly facts: LayerFacts | ((hosts: readonly HostUse[]) => LayerFacts);
  /** What cannot work although each key is right by itself. */
  readonly problems?: readonly Problem[];
  readonly offers?: Offers;
  /** What files/checks/check_platform.py is told of it; nothing is checked where it is left out. */
  readonly checks?: Json;
  /** What people have to know of it: outputs of the stack, by name. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** Makes its resources; those that it returns are what later parts wait for. */
  readonly create: (frame: PartFrame) => readonly pulumi.Resource[];
}

/** What a part gets to make resources with. */
export interface PartFrame {
  /** Logical names begin with it: "platform-load-balancer". */
  readonly prefix: string;
  readonly opts: (dependsOn?: readonly pulumi.Resource[]) => pulumi.CustomResourceOptions;
  /** What an earlier part has made, by its key; nothing where the configuration does not name it. */
  readonly made: (key: string) => readonly pulumi.Resource[];
  readonly access: RemoteAccess;
  /** The names behind the ingress, of all layers. */
  readonly hosts: readonly HostUse[];
  readonly charts: ChartSources;
  /** The secret of that name; undefined where it is not set. */
  readonly secrets: (name: string | undefined) => pulumi.Output<string> | undefined;
}

/** Gives `plan` the type of the part's configuration. */
export function definePart<Schema extends z.ZodType>(
  part: PlatformPart<Schema>,
): PlatformPart<Schema> {
  return part;
}
