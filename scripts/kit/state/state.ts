import { keepBackup } from "../keep-backup";
import { runQuietly } from "../pulumi/run-cli";
import { UserError, EXIT } from "../user-error";

export interface StateArgs {
  readonly cli: string;
  readonly folder: string;
  readonly stack: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A stack's state in its backend, as the CLI gives and takes it: secrets stay encrypted. */
export class State {
  constructor(private readonly args: StateArgs) {}

  async export(): Promise<string> {
    const { code, stdout, stderr } = await this.run("export");
    if (code === 0) return stdout;
    throw new UserError(`The state of ${this.args.stack} cannot be read: ${stderr.trim()}`);
  }

  /** Replaces the state by the content of a file; the CLI refuses one that contradicts itself. */
  async import(file: string): Promise<void> {
    const { code, stderr } = await this.run("import", "--file", file);
    if (code === 0) return;
    throw new UserError(
      `The state of ${this.args.stack} was not changed: ${stderr.trim()}`,
      EXIT.fail,
    );
  }

  private run(verb: "export" | "import", ...more: string[]): ReturnType<typeof runQuietly> {
    const { cli, folder, stack, env } = this.args;
    const args = ["stack", verb, "--stack", stack, "--non-interactive", ...more];
    return runQuietly({ path: cli, args, folder, env });
  }
}

/** Keeps what the state was, readable by its owner only, and returns where. */
export function writeBackup(root: string, stack: string, text: string, now: Date): string {
  return keepBackup(root, `${stack}.json`, text, now);
}
