import type { z } from "zod";
import { acceptedBy, listProblems, renderUnknownKey } from "./errors";
import type { Problem } from "../components/shared/problem";
import { listRuleProblems } from "./rules/rules";
import { mayComeFrom, salvage } from "./salvage";
import { stackSchema } from "./schema";
import { buildSite, type Site } from "./site";

/** What is written under `vmstation:`, before anything is known of it. */
export interface RawConfig {
  /** Structured keys, parsed; flat ones as text. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Keys that hold a secret, whole or inside. */
  readonly secretKeys: readonly string[];
}

export const LAYERS = Object.keys(stackSchema.shape);

/** Checks everything at once; a site only where there is no problem. */
export function checkConfig(raw: RawConfig): { site?: Site; problems: Problem[] } {
  const layers = Object.fromEntries(
    Object.entries(raw.values).filter(([key]) => LAYERS.includes(key)),
  );
  const parsed = stackSchema.safeParse(layers, { error: acceptedBy });
  const hidden = raw.secretKeys.filter((key) => LAYERS.includes(key)).map(nestedSecret);
  if (!parsed.success) {
    const own = listProblems(parsed.error, layers);
    const others = checkRest(layers, parsed.error);
    return { problems: withoutRepeats([...hidden, ...own, ...strayKeys(raw, null), ...others]) };
  }
  const site = buildSite(parsed.data);
  const problems = [...hidden, ...strayKeys(raw, site), ...listRuleProblems(site)];
  return problems.length > 0 ? { problems: withoutRepeats(problems) } : { site, problems };
}

/** What is wrong across layers, as far as that can be told beside keys that are wrong by themselves. */
function checkRest(layers: Readonly<Record<string, unknown>>, error: z.ZodError): Problem[] {
  const rest = salvage(layers, error);
  const parsed = stackSchema.safeParse(rest?.layers);
  if (rest === undefined || !parsed.success) return [];
  return listRuleProblems(buildSite(parsed.data)).filter(
    (problem) => !mayComeFrom(problem, rest.missing),
  );
}

/** Several rules may find the same. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const texts = problems.map((problem) => JSON.stringify(problem));
  return problems.filter((_, i) => texts.indexOf(texts[i] ?? "") === i);
}

/** One value under `secure:` makes the whole key a secret, and nothing made from it could be shown. */
function nestedSecret(key: string): Problem {
  return {
    path: key,
    found: "a secret inside a structured key",
    accepted:
      "plain values; secrets are flat keys of their own, referred to by name (passwordSecret: …)",
  };
}

/** Flat keys that are neither a layer nor a secret that the configuration refers to. */
function strayKeys(raw: RawConfig, site: Site | null): Problem[] {
  const flat = Object.keys(raw.values).filter((key) => !LAYERS.includes(key));
  const referred = site?.facts.secrets.map((secret) => secret.name) ?? [];
  const privateKey = site?.config.remote.privateKeySecret;
  const secrets = new Set([...referred, ...(privateKey === undefined ? [] : [privateKey])]);
  const known = [...LAYERS, ...secrets];
  return (
    flat
      // Which secrets are referred to is known only once the layers are right.
      .filter((key) => !known.includes(key) && (site !== null || !raw.secretKeys.includes(key)))
      .map((key) => ({
        path: key,
        found: "an unknown key",
        accepted: renderUnknownKey(key, known),
      }))
  );
}
