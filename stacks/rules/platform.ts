import { platformProblems } from "../../components/platform/facts";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";
import { hostRules } from "./hosts";
import { twoOwners } from "./owners";

/** What stands between the network and the apps, and the names behind it. */
export function platformRules(site: Site): Problem[] {
  return [
    ...(site.platform === undefined ? [] : platformProblems(site.platform)),
    ...twoOwners(site),
    ...hostRules(site),
  ];
}
