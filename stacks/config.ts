import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Problem } from "../components/shared/problem";
import { checkConfig, LAYERS, type RawConfig, unusedSecrets } from "./check";
import { renderProblems } from "./errors";
import { listOpenQuestions, missingHostKeys } from "./open-questions";
import { judgeOtherApps, judgeRenderedApps } from "./rendered-apps";
import type { Site } from "./site";
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
 * machines whose host key is not pinned. A virtual machine has none before it is made: its first connection is refused.
 */
export function loadStack(): Stack {
  const name = pulumi.getStack();
  const raw = readRaw();
  const { site, problems, rest } = checkConfig(raw);
  if (site === undefined) {
    const others = rest === undefined ? [] : judgeOtherApps(rest, problems, process.env);
    throw new pulumi.RunError(renderProblems(name, [...problems, ...others]));
  }
  const config = new pulumi.Config("vmstation");
  const judged = judgeRenderedApps(site, process.env);
  const wrong = [...judgeSecrets(site, (secret) => config.get(secret)), ...judged.problems];
  if (wrong.length > 0) throw new pulumi.RunError(renderProblems(name, wrong));
  const isSet = (secret: string): boolean => config.get(secret) !== undefined;
  const isPlain = (secret: string): boolean => isSet(secret) && !raw.secretKeys.includes(secret);
  const open = listOpenQuestions(site, name, isSet, isPlain, unusedSecrets(raw, site));
  const warnings = [...open, ...judged.warnings];
  if (!pulumi.runtime.isDryRun()) {
    refuseUnpinned(name, site);
    refuseWithoutToken(name, site, isSet);
  }
  for (const warning of warnings) void pulumi.log.warn(renderWarning(warning));
  return {
    name,
    site,
    secrets: (secret) => (secret === undefined ? undefined : config.getSecret(secret)),
    warnings,
  };
}

/** Only the program knows the values of secrets. */
function judgeSecrets({ facts }: Site, get: (secret: string) => string | undefined): Problem[] {
  return facts.secrets.flatMap(({ path, name, judge }) => {
    const value = get(name);
    const problem = value === undefined ? undefined : judge?.(value);
    if (problem === undefined) return [];
    const { found, accepted } = problem;
    return [{ path, found: `vmstation:${name}: ${found}`, accepted }];
  });
}

function refuseUnpinned(name: string, site: Site): void {
  // A virtual machine is made first, unless it is to be made with the key.
  const needed = site.machines.filter(
    ({ vm }) => vm === undefined || vm.hostKeySecret !== undefined,
  );
  const problems = missingHostKeys({ ...site, machines: needed }, name).map(
    ({ path, message }) => ({
      path,
      found: "nothing",
      accepted: message,
    }),
  );
  if (problems.length > 0) throw new pulumi.RunError(renderProblems(name, problems));
}

/** The provider's own error names no key of this configuration. */
function refuseWithoutToken(name: string, site: Site, isSet: (secret: string) => boolean): void {
  const { hypervisor } = site.config;
  const virtual = site.machines.filter(({ vm }) => vm !== undefined);
  if (hypervisor === undefined) return;
  const { tokenSecret, powerTokenSecret } = hypervisor;
  const needed = [
    ...(virtual.length > 0 ? [["tokenSecret", tokenSecret] as const] : []),
    ...(powerTokenSecret !== undefined && virtual.some(({ sleeps }) => sleeps)
      ? [["powerTokenSecret", powerTokenSecret] as const]
      : []),
  ];
  const problems = [
    ...needed
      .filter(([, secret]) => !isSet(secret))
      .map(([key, secret]) => ({
        path: `hypervisor.${key}`,
        found: "a secret that is not set",
        accepted: `the API token: npx vmstation pulumi config set --stack ${name} --secret vmstation:${secret}`,
      })),
    ...virtual.flatMap(({ name: machine, vm }) =>
      vm?.hostKeySecret === undefined || isSet(vm.hostKeySecret)
        ? []
        : [
            {
              path: `machines.${machine}.vm.hostKeySecret`,
              found: `${vm.hostKeySecret}, a secret that is not set`,
              accepted: `no hostKeySecret where ${machine} is made already; else no machines.${machine}.hostKey, and then: npx vmstation trust ${machine} --stack ${name}`,
            },
          ],
    ),
  ];
  if (problems.length > 0) throw new pulumi.RunError(renderProblems(name, problems));
}
