import type { NodeContext } from "../components/node/context";
import type { Site } from "./site";

/** All that machines are prepared from: their own configuration, and what every layer asks of them. */
export function nodeContextOf(site: Site): NodeContext {
  return {
    config: site.config.node,
    lan: site.config.lan,
    machines: site.machines,
    podCidr: site.config.network.podCidr,
    firewall: site.facts.firewall,
    packages: site.facts.packages,
  };
}
