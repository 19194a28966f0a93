import type { PlatformConfig } from "./config";
import type { Offers, PartPlan, PlatformPart, PlatformSite } from "./part";
import { registry } from "./registry";

/** The part under one key of vmstation:platform. */
export interface PlannedPart extends PartPlan {
  readonly key: string;
}

/** The plans of the parts that the configuration names, in the order in which they are made. */
export interface PlatformPlan {
  readonly parts: readonly PlannedPart[];
  /** Of all of them. */
  readonly offers: Offers;
  readonly charts: PlatformConfig["charts"];
}

/** What the stack knows beside the platform's own keys. */
export type PlatformContext = Omit<
  PlatformSite,
  "domain" | "internalDomain" | "charts" | "has" | "offers"
>;

export function planPlatform(config: PlatformConfig, context: PlatformContext): PlatformPlan {
  const { domain, internalDomain = context.lan.domain, charts } = config;
  const all: Readonly<Record<string, PlatformPart>> = registry;
  const settings: Readonly<Record<string, unknown>> = config;
  const has = (key: string): boolean => settings[key] !== undefined;
  const parts: PlannedPart[] = [];
  let offers: Offers = {};
  for (const [key, part] of Object.entries(all)) {
    if (!has(key)) continue;
    const plan = part.plan(settings[key], {
      ...context,
      domain,
      internalDomain,
      charts,
      has,
      offers,
    });
    parts.push({ key, ...plan });
    offers = { ...offers, ...plan.offers };
  }
  return { parts, offers, charts };
}
