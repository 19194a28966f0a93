import type { Change } from "../../support/homelab";
import { homelabSite } from "../../support/site";
import type { Site } from "../../../stacks/site";

/** A platform as a user writes it: the tests' homelab is 192.168.8.0/24. */
export function platformSite(platform: object, ...changes: readonly Change[]): Site {
  return homelabSite([["platform"], platform], ...changes);
}

export const LOAD_BALANCER = { addresses: ["192.168.8.230-192.168.8.232"] };
