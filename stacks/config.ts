import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { acceptedBy, listProblems, renderProblems, renderUnknownKey, type Problem } from "./errors";
import { listOpenQuestions, missingHostKeys } from "./open-questions";
import { listRuleProblems } from "./rules";
import { stackSchema } from "./schema";
import { buildSite, type Site } from "./site";
import { renderWarning, type Warning } from "./warnings";

/** A flat secret key's value by its name; undefined where it is not set. */
export type Secrets = (name: string | undefined) => pulumi.Output<string> | undefined;

/** A stack whose configuration is right. */
export interface Stack {
  readonly name: string;
  readonly site: Site;
  readonly secrets: Secrets;
  readonly warnings: readonly Warning[];
}

/** What is written under `vmstation:`, before anything is known of it. */
export interface RawConfig {
  /** Structured keys, parsed; flat ones as text. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Keys that hold a secret, whole or inside. */
  readonly secretKeys: readonly string[];
}

const LAYERS = Object.keys(stackSchema.shape);

/** Checks everything at once; a site only where there is no problem. */
export function checkConfig(raw: RawConfig): { site?: Site; problems: Problem[] } {
  const layers = Object.fromEntries(
    Object.entries(raw.values).filter(([key]) => LAYERS.includes(key)),
  );
  const parsed = stackSchema.safeParse(layers, { error: acceptedBy });
  const hidden = raw.secretKeys.filter((key) => LAYERS.includes(key)).map(nestedSecret);
  if (!parsed.success) {
    return {
      problems: [...hidden, ...listProblems(parsed.error, layers), ...strayKeys(raw, null)],
    };
  }
  const site = buildSite(parsed.data);
  const problems = [...hidden, ...strayKeys(raw, site), ...listRuleProblems(site)];
  return problems.length > 0 ? { problems } : { site, problems };
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
  const known = [...LAYERS, ...referred, ...(privateKey === undefined ? [] : [privateKey])];
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

const PREFIX = "vmstation:";

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The language host passes the names of secret keys beside the values. */
function readSecretKeys(): string[] {
  const names = z
    .array(z.string())
    .safeParse(parseValue(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]"));
  return (names.data ?? [])
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length));
}

function readRaw(): RawConfig {
  const entries = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(PREFIX))
    .map(([key, text]): [string, unknown] => {
      const name = key.slice(PREFIX.length);
      return [name, LAYERS.includes(name) ? parseValue(text) : text];
    });
  return { values: Object.fromEntries(entries), secretKeys: readSecretKeys() };
}

/**
 * The stack's configuration. Throws one error that lists every mistake, before any resource is registered;
 * what is merely left open goes to the log as warnings. An update, which a preview is not, also refuses
 * machines whose host key is not pinned.
 */
export function loadStack(): Stack {
  const name = pulumi.getStack();
  const { site, problems } = checkConfig(readRaw());
  if (site === undefined) throw new pulumi.RunError(renderProblems(name, problems));
  const config = new pulumi.Config("vmstation");
  const warnings = listOpenQuestions(site, name, (secret) => config.get(secret) !== undefined);
  if (!pulumi.runtime.isDryRun()) refuseUnpinned(name, site);
  for (const warning of warnings) void pulumi.log.warn(renderWarning(warning));
  return {
    name,
    site,
    secrets: (secret) => (secret === undefined ? undefined : config.getSecret(secret)),
    warnings,
  };
}

function refuseUnpinned(name: string, site: Site): void {
  const problems = missingHostKeys(site, name).map(({ path, message }) => ({
    path,
    found: "nothing",
    accepted: message,
  }));
  if (problems.length > 0) throw new pulumi.RunError(renderProblems(name, problems));
}
