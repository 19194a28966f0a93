import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { fetchCli } from "./fetch-cli";

type Environment = Readonly<Record<string, string | undefined>>;

export interface FindCliArgs {
  /** The project's folder; the pinned `pulumi` package is resolved from there. */
  root: string;
  env: Environment;
  /** Gets a line when fetching takes long enough to wonder. */
  onWaiting: (line: string) => void;
}

export type FoundCli = { path: string } | { path?: undefined; reason: string };

/**
 * The Pulumi CLI: the one on PATH, else the version pinned in package.json, which its npm package
 * fetches into its cache when it is first used. VMSTATION_OFFLINE=1 leaves out the fetching.
 */
export async function findCli({ root, env, onWaiting }: FindCliArgs): Promise<FoundCli> {
  const onPath = findOnPath(env.PATH ?? "");
  if (onPath !== undefined) return { path: onPath };
  const pinned = locatePinned(root, env);
  if (pinned === undefined) return { reason: "none is on PATH, and the package pulumi is missing" };
  if (isExecutable(pinned.cached)) return { path: pinned.cached };
  const { version } = pinned;
  if (env.VMSTATION_OFFLINE === "1") {
    return { reason: `none is on PATH, and ${version} may not be fetched (VMSTATION_OFFLINE=1)` };
  }
  const failure = await fetchCli({
    ...pinned,
    env,
    onWaiting: () => {
      onWaiting(`Fetching the Pulumi CLI ${version}; this happens once.`);
    },
  });
  if (failure === undefined && isExecutable(pinned.cached)) return { path: pinned.cached };
  const because = failure ?? "its package did not install it";
  return { reason: `none is on PATH, and ${version} could not be fetched (${because})` };
}

/** npm puts `node_modules/.bin` on PATH; the `pulumi` there is the pinned package, not a CLI. */
export function findOnPath(path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "" && basename(folder) !== ".bin")
    .map((folder) => join(folder, "pulumi"))
    .find(isExecutable);
}

interface Pinned {
  version: string;
  /** The package's launcher, which fetches what is missing. */
  launcher: string;
  /** Where it keeps the CLI. */
  cached: string;
}

function locatePinned(root: string, env: Environment): Pinned | undefined {
  const manifest = resolveFrom(root, "pulumi/package.json");
  if (manifest === undefined) return undefined;
  const content: unknown = JSON.parse(readFileSync(manifest, "utf8"));
  const packed = hasVersion(content) ? content.version : "";
  const version = env.PULUMI_VERSION ?? packed;
  const home = env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  return {
    version,
    launcher: join(dirname(manifest), "run.js"),
    cached: join(home, "versions", version, "bin", "pulumi"),
  };
}

function resolveFrom(folder: string, request: string): string | undefined {
  try {
    return createRequire(join(folder, "index.js")).resolve(request);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") {
      return undefined;
    }
    throw error;
  }
}

function hasVersion(content: unknown): content is { version: string } {
  return (
    typeof content === "object" &&
    content !== null &&
    "version" in content &&
    typeof content.version === "string"
  );
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
