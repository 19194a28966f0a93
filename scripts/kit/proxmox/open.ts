import { requireCli } from "../pulumi/require-cli";
import { runQuietly } from "../pulumi/run-cli";
import { Session } from "../pulumi/session";
import type { Operator } from "../ssh/operator";
import { UserError } from "../user-error";
import { ProxmoxApi } from "./api";

/** The API by the stack's own token, which the Pulumi CLI decrypts as it does for `up`. */
export async function openProxmox(
  { project, stack, site }: Pick<Operator, "project" | "stack" | "site">,
  configFile: string | undefined,
): Promise<ProxmoxApi> {
  const { hypervisor } = site.config;
  if (hypervisor === undefined) throw new UserError(`The stack ${stack} has no hypervisor.`);
  const cli = await requireCli(project.root, "It is needed to read the token of the hypervisor.");
  const session = new Session({ cli, project, stack, destroys: false, env: process.env });
  try {
    const prepared = await session.prepare();
    const file = configFile ?? prepared.configFile;
    const name = `${project.name}:${hypervisor.tokenSecret}`;
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
    const { endpoint, certificateAuthority } = hypervisor;
    return new ProxmoxApi({ endpoint, certificateAuthority, token: stdout.trim() });
  } finally {
    session.close();
  }
}
