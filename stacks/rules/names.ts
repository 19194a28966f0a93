import { fullName } from "../../components/shared/hosts";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";

/** A name behind the ingress is not that of something else, which would be asked in its place. */
export function nameRules({ facts, platform }: Site): Problem[] {
  const { names, ingress } = platform?.offers ?? {};
  if (names === undefined || ingress === undefined) return [];
  return facts.hosts.flatMap((use) => {
    const full = fullName(use, ingress);
    const taken = names.records.find(({ name }) => `${name}.${names.domain}` === full);
    if (taken === undefined || taken.address === ingress.address) return [];
    return [
      {
        path: use.path,
        found: `${full ?? use.written}, which is the name of vmstation:${taken.path} (${taken.address})`,
        accepted: "a name that no machine and no record of vmstation:platform.names has",
      },
    ];
  });
}
