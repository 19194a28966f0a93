import { platformProblems } from "../../components/platform/facts";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";
import { hostRules } from "./hosts";

/** What stands between the network and the apps, and the names behind it. */
export function platformRules(site: Site): Problem[] {
  return [
    ...(site.platform === undefined ? [] : platformProblems(site.platform)),
    ...twoLoadBalancers(site),
    ...hostRules(site),
  ];
}

/** Each would give out addresses that the other answers for. */
function twoLoadBalancers({ config }: Site): Problem[] {
  const { bootstrap, platform } = config;
  if (platform?.loadBalancer === undefined) return [];
  if (bootstrap.method !== "kubespray" || !bootstrap.addons.metallb) return [];
  return [
    {
      path: "bootstrap.addons.metallb",
      found: "true, beside vmstation:platform.loadBalancer",
      accepted:
        "one of the two: take addons.metallb and metallb_config out, and name their addresses in vmstation:platform.loadBalancer.addresses",
    },
  ];
}
