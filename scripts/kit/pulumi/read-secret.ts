import type { Project } from "../stack-file/project";
import { UserError } from "../user-error";
import { requireCli } from "./require-cli";
import { runQuietly } from "./run-cli";
import { Session } from "./session";

export interface SecretArgs {
  readonly project: Project;
  readonly stack: string;
  readonly configFile?: string | undefined;
}

/** A secret of a stack, which the Pulumi CLI decrypts as it does for `up`. */
export async function readSecret(
  secret: string,
  { project, stack, configFile }: SecretArgs,
): Promise<string> {
  const name = `${project.name}:${secret}`;
  const cli = await requireCli(project.root, `It is needed to read the secret ${name}.`);
  const session = new Session({ cli, project, stack, destroys: false, env: process.env });
  try {
    const prepared = await session.prepare();
    const file = configFile ?? prepared.configFile;
    const { code, stdout, stderr } = await runQuietly({
      path: cli,
      args: [
        ...["config", "get", name, "--stack", stack, "--non-interactive"],
        ...(file === undefined ? [] : ["--config-file", file]),
      ],
      folder: project.root,
      env: session.env,
    });
    if (code !== 0) throw new UserError(`The secret ${name} cannot be read: ${stderr.trim()}`);
    return stdout.trim();
  } finally {
    session.close();
  }
}
