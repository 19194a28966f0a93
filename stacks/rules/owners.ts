import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";

type Platform = Readonly<Record<string, unknown>>;

/** What a bootstrap method brings along, and the part of the platform that does the same. */
interface Owner {
  /** The key below vmstation:bootstrap.addons, of whichever methods have it. */
  readonly addon: string;
  /** The part, where the platform has it. */
  readonly part: (platform: Platform) => string | undefined;
  /** What to do beside leaving it out, where something has to move along. */
  readonly advice?: string;
}

const has =
  (...keys: readonly [string, ...string[]]) =>
  (platform: Platform): string | undefined => {
    const found = keys.reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined,
      platform,
    );
    return found === undefined ? undefined : keys.join(".");
  };

/** Both would give out addresses, answer to names, issue certificates or make volumes, and undo each other's work. */
const OWNERS: readonly Owner[] = [
  {
    addon: "metallb",
    part: has("loadBalancer"),
    advice:
      "take addons.metallb and metallb_config out, and name their addresses in vmstation:platform.loadBalancer.addresses",
  },
  { addon: "serviceLb", part: has("loadBalancer") },
  { addon: "traefik", part: has("ingress") },
  { addon: "certManager", part: has("certificates") },
  // Its program goes by the same name as ours, so each would take the other's claims.
  { addon: "localStorage", part: has("storage", "local") },
];

/** One thing of each kind. */
export function twoOwners({ config }: Site): Problem[] {
  const { bootstrap, platform } = config;
  if (platform === undefined) return [];
  const addons: Readonly<Record<string, unknown>> = bootstrap.addons;
  return OWNERS.flatMap(({ addon, part, advice }) => {
    const own = part(platform);
    if (addons[addon] !== true || own === undefined) return [];
    return [
      {
        path: `bootstrap.addons.${addon}`,
        found: `true, beside vmstation:platform.${own}`,
        accepted: `one of the two: ${advice ?? `take addons.${addon} or platform.${own} out`}`,
      },
    ];
  });
}
