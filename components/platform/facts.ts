import type { LayerFacts, ScrapeNeed } from "../shared/facts";
import type { HostUse } from "../shared/hosts";
import type { Json } from "../shared/json";
import type { Problem } from "../shared/problem";
import type { PlatformPlan } from "./plan";

/** What the parts say of themselves, each by itself: the stack merges them with the other layers'. */
export function platformFacts({ parts }: PlatformPlan, hosts: readonly HostUse[]): LayerFacts[] {
  return parts.map(({ facts }) => (typeof facts === "function" ? facts(hosts) : facts));
}

/** The pods whose metrics are read, whatever names there are. */
export function platformScrapes(plan: PlatformPlan): ScrapeNeed[] {
  return platformFacts(plan, []).flatMap(({ scrapes = [] }) => scrapes);
}

export function platformProblems({ parts }: PlatformPlan): Problem[] {
  return parts.flatMap(({ problems = [] }) => problems);
}

/** What people have to know of the parts, as outputs of the stack. */
export function platformOutputs({ parts }: PlatformPlan): Readonly<Record<string, string>> {
  return Object.assign({}, ...parts.map(({ outputs = {} }) => outputs)) as Record<string, string>;
}

/** What the checks at the end of the graph look at, by part. */
export function platformChecks({ parts }: PlatformPlan): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    parts.flatMap(({ key, checks }): [string, Json][] =>
      checks === undefined ? [] : [[key, checks]],
    ),
  );
}
