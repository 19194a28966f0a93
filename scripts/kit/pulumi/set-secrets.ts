import type { Project } from "../stack-file/project";
import { UserError } from "../user-error";
import { requireCli } from "./require-cli";
import { Session } from "./session";

/** Keeps secrets of a stack in its file, encrypted by the Pulumi CLI, which gets them by its standard input. */
export async function setSecrets(
  secrets: ReadonlyMap<string, string>,
  { project, stack }: { readonly project: Project; readonly stack: string },
): Promise<void> {
  const { execa } = await import("execa");
  const cli = await requireCli(project.root, "It is needed to keep secrets of the stack.");
  const session = new Session({ cli, project, stack, destroys: false, env: process.env });
  try {
    await session.prepare();
    for (const [name, value] of secrets) {
      const key = `${project.name}:${name}`;
      const words = ["config", "set", "--secret", key, "--stack", stack, "--non-interactive"];
      const set = await execa(cli, words, {
        ...{ cwd: project.root, env: session.env, input: value, reject: false },
      });
      if (set.failed) throw new UserError(`The secret ${key} cannot be kept: ${set.stderr.trim()}`);
    }
  } finally {
    session.close();
  }
}
