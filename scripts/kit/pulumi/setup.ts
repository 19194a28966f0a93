import { homedir } from "node:os";
import { join } from "node:path";
import { isMap } from "../stack-file/stack-config";
import { readOptional } from "../stack-file/project";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the user has set up for Pulumi already. */
export interface Surroundings {
  env: Environment;
  /** `backend.url` of Pulumi.yaml. */
  projectBackend: string | undefined;
  /** The backend of the last `pulumi login`. */
  login: string | undefined;
  /** The stack's own file. */
  stackFile: Record<string, unknown>;
  hasPassphraseFile: boolean;
}

/** What the wrapper adds to it. */
export interface Setup {
  /** Keep the state in `.vmstation/state`. */
  ownBackend: boolean;
  /** Give the CLI `.vmstation/passphrase`: one that is there, or one that is made if need be. */
  ownPassphrase: "none" | "existing" | "make";
  /** Give the CLI a copy of the stack's file, as it would write its salt into it. */
  copyConfig: boolean;
}

/** Adds nothing where the user has decided: plain `pulumi` and the wrapper then do the same. */
export function decideSetup(surroundings: Surroundings): Setup {
  const { env, projectBackend, login, stackFile, hasPassphraseFile } = surroundings;
  const backend =
    env.PULUMI_BACKEND_URL ??
    projectBackend ??
    login ??
    (env.PULUMI_ACCESS_TOKEN === undefined ? undefined : "https://");
  const keptByService = backend?.startsWith("https://") ?? false;
  const hasSalt = stackFile.encryptionsalt !== undefined;
  const hasProvider =
    stackFile.secretsprovider !== undefined || stackFile.encryptedkey !== undefined;
  const inEnvironment =
    env.PULUMI_CONFIG_PASSPHRASE !== undefined || env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  const decided = keptByService || hasProvider || inEnvironment;
  return {
    ownBackend: backend === undefined,
    ownPassphrase: decided ? "none" : hasSalt ? (hasPassphraseFile ? "existing" : "none") : "make",
    copyConfig: !hasSalt && !hasProvider,
  };
}

/** The backend of the last `pulumi login`, if any. */
export function readLogin(env: Environment): string | undefined {
  const home = env.PULUMI_CREDENTIALS_PATH ?? env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  const text = readOptional(join(home, "credentials.json"));
  if (text === undefined) return undefined;
  const content: unknown = JSON.parse(text);
  const current = isMap(content) ? content.current : undefined;
  return typeof current === "string" && current !== "" ? current : undefined;
}
