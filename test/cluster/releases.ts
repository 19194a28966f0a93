import { z } from "zod";
import type { CommandResult } from "../rig/command";
import type { Recorded } from "../support/mocks";
import { write } from "./credentials";
import type { TestCluster } from "./test-cluster";

/** The inputs of a Release that our program sets; another one is an error here. */
const releaseInputs = z.strictObject({
  name: z.string(),
  namespace: z.string(),
  chart: z.string(),
  version: z.string(),
  repositoryOpts: z.strictObject({ repo: z.string() }),
  values: z.record(z.string(), z.unknown()),
  /** Seconds. */
  timeout: z.number(),
  maxHistory: z.number(),
  skipCrds: z.boolean(),
  skipAwait: z.boolean().default(false),
  atomic: z.boolean().default(false),
  cleanupOnFail: z.boolean().default(false),
  compat: z.string().optional(),
});

export type Release = z.infer<typeof releaseInputs>;

export function isRelease({ type }: { readonly type: string }): boolean {
  return type === "kubernetes:helm.sh/v3:Release";
}

export function parseRelease({ inputs }: Recorded): Release {
  return releaseInputs.parse(inputs);
}

/** What the Kubernetes provider does with a Release, in the words of Helm's own command. */
export function renderHelmArgs(release: Release, valuesFile: string): string[] {
  return [
    ...["upgrade", "--install", release.name, release.chart],
    ...["--repo", release.repositoryOpts.repo, "--version", release.version],
    ...["--namespace", release.namespace, "--values", valuesFile],
    ...["--timeout", `${release.timeout}s`, "--history-max", String(release.maxHistory)],
    ...(release.skipCrds ? ["--skip-crds"] : []),
    ...(release.skipAwait ? [] : ["--wait"]),
    ...(release.atomic ? ["--atomic"] : []),
    ...(release.cleanupOnFail ? ["--cleanup-on-fail"] : []),
  ];
}

/** Installs or upgrades it by Helm. */
export function installRelease(
  cluster: TestCluster,
  release: Release,
  options: { anyCode?: boolean } = {},
): Promise<CommandResult> {
  const file = write(cluster.folder, `${release.name}.json`, JSON.stringify(release.values));
  return cluster.helm(renderHelmArgs(release, file), options);
}
