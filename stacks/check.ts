import type { z } from "zod";
import { acceptedBy, listProblems, renderUnknownKey } from "./errors";
import type { Problem } from "../components/shared/problem";
import { fillIn } from "./defaults";
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

export interface Checked {
  /** Only where there is no problem. */
  readonly site?: Site;
  readonly problems: Problem[];
  /** Where there is one: what can be looked at nevertheless. */
  readonly rest?: Site;
}

/** Checks everything at once. */
export function checkConfig(raw: RawConfig): Checked {
  const layers = Object.fromEntries(
    Object.entries(raw.values).filter(([key]) => LAYERS.includes(key)),
  );
  const parsed = stackSchema.safeParse(layers, { error: acceptedBy });
  const hidden = raw.secretKeys.filter((key) => LAYERS.includes(key)).map(nestedSecret);
  if (!parsed.success) {
    const own = listProblems(parsed.error, layers);
    const { others, rest } = checkRest(raw, layers, parsed.error);
    const all = [...hidden, ...own, ...strayKeys(raw, null), ...others];
    return { problems: withoutRepeats(all), ...(rest && { rest }) };
  }
  const site = buildSite(fillIn(parsed.data));
  const problems = [
    ...hidden,
    ...strayKeys(raw, site),
    ...missingSecrets(raw, site),
    ...listRuleProblems(site),
  ];
  return problems.length > 0
    ? { problems: withoutRepeats(problems), rest: site }
    : { site, problems };
}

/**
 * Mistakes across layers, as far as they can be found while some keys are wrong. An app goes whole where it is none
 * without its wrong keys.
 */
function checkRest(
  raw: RawConfig,
  layers: Readonly<Record<string, unknown>>,
  error: z.ZodError,
): { readonly others: Problem[]; readonly rest?: Site } {
  const [rest] = ([false, true] as const).flatMap((wholeApps) => {
    const left = salvage(layers, error, wholeApps);
    const parsed = stackSchema.safeParse(left?.layers);
    if (left === undefined || !parsed.success) return [];
    return [{ site: buildSite(fillIn(parsed.data)), missing: left.missing }];
  });
  if (rest === undefined) return { others: [] };
  const { site, missing } = rest;
  const all = [...missingSecrets(raw, site), ...listRuleProblems(site)];
  return { others: all.filter((problem) => !mayComeFrom(problem, missing)), rest: site };
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

/** Names of the secrets that the configuration refers to. */
function referredSecrets({ config, facts }: Site): string[] {
  const { privateKeySecret } = config.remote;
  const names = facts.secrets.map(({ name }) => name);
  return [...new Set(privateKeySecret === undefined ? names : [...names, privateKeySecret])];
}

/** Secrets that are set and that no key names. They get a warning only, since one may be set before it is named. */
export function unusedSecrets({ secretKeys }: Pick<RawConfig, "secretKeys">, site: Site): string[] {
  const used = [...LAYERS, ...referredSecrets(site)];
  return secretKeys.filter((key) => !used.includes(key));
}

/** Secrets without which what needs them cannot be there at all. */
function missingSecrets(raw: RawConfig, { facts }: Site): Problem[] {
  return facts.secrets
    .filter(({ isRequired, name }) => isRequired === true && !(name in raw.values))
    .filter(({ name }) => !raw.secretKeys.includes(name))
    .map(({ path, name, leftOut }) => ({
      path,
      found: `${name}, a secret that is not set, for ${leftOut}`,
      accepted: `npx vmstation pulumi config set --secret vmstation:${name}`,
    }));
}

/** Flat keys that are neither a layer, nor a secret, nor named as one. */
function strayKeys(raw: RawConfig, site: Site | null): Problem[] {
  const known = [...LAYERS, ...(site === null ? [] : referredSecrets(site))];
  return Object.keys(raw.values)
    .filter((key) => !known.includes(key) && !raw.secretKeys.includes(key))
    .map((key) => ({
      path: key,
      found: "an unknown key",
      accepted: renderUnknownKey(key, known),
    }));
}
