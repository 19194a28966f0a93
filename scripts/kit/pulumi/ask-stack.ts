import type { Project } from "../stack-file/project";
import { findCli } from "./find-cli";
import { LocalState } from "./local-state";
import { type QuietResult, runQuietly } from "./run-cli";
import { Session } from "./session";
import { readLogin } from "./setup";

export interface AskStackArgs {
  readonly project: Project;
  readonly stack: string;
  /** A command of the CLI that only asks. */
  readonly args: readonly string[];
  /** Whether it reads the stack's configuration. */
  readonly withConfig?: boolean;
}

/**
 * Asks the CLI about a stack, where both are here: undefined where there is no CLI or no state. Nothing is fetched and
 * no stack is made. Throws UserError where the state cannot be opened.
 */
export async function askStack(asking: AskStackArgs): Promise<QuietResult | undefined> {
  const { project, stack, args, withConfig = false } = asking;
  const { env } = process;
  const isLocal = new LocalState(project.root).hasStack(project.name, stack);
  const backend =
    env.PULUMI_BACKEND_URL ?? project.backend ?? readLogin(env) ?? env.PULUMI_ACCESS_TOKEN;
  if (!isLocal && backend === undefined) return undefined;
  const offline = { ...env, VMSTATION_OFFLINE: "1" };
  const cli = await findCli({ root: project.root, env: offline, onWaiting: () => undefined });
  if (cli.path === undefined) return undefined;
  const session = new Session({ cli: cli.path, project, stack, destroys: false, env });
  try {
    const { configFile } =
      withConfig && isLocal ? await session.prepare() : { configFile: undefined };
    const config = configFile === undefined ? [] : ["--config-file", configFile];
    return await runQuietly({
      path: cli.path,
      args: [...args, "--stack", stack, ...config, "--non-interactive"],
      folder: project.root,
      env: session.env,
    });
  } finally {
    session.close();
  }
}
