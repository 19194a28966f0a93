import { z } from "zod";
import { parseJson } from "../../kit/parse-json";
import { leaveAlone } from "../../kit/pulumi/leave-alone";
import { requireTodaysState } from "../../kit/pulumi/require-today";
import { runCli, runQuietly, type QuietResult } from "../../kit/pulumi/run-cli";
import type { Session } from "../../kit/pulumi/session";
import type { Project } from "../../kit/stack-file/project";
import { loadStackConfig } from "../../kit/stack-file/stack-config";
import { EXIT, UserError } from "../../kit/user-error";
import { type HistoryEntry, parseHistory } from "../../kit/pulumi/history";
import { parseValidation, type ValidationReport } from "./validation";

export interface StackRunsArgs {
  readonly cli: string;
  readonly project: Project;
  readonly stack: string;
  readonly session: Session;
  /** Whether standard output belongs to the verb's own document: what the CLI shows goes to stderr then. */
  readonly quiet: boolean;
}

/** How many resources are created, updated, …, by Pulumi's names of the operations. */
export type Changes = Readonly<Record<string, number>>;

const previewSchema = z.object({ changeSummary: z.record(z.string(), z.number()).prefault({}) });

/** One stack, asked and changed through the CLI. */
export class StackRuns {
  private configFile: string | undefined;
  private placed: NodeJS.ProcessEnv = {};

  constructor(private readonly args: StackRunsArgs) {}

  /** Its updates, newest first; none where the stack does not exist yet. */
  async history(): Promise<HistoryEntry[]> {
    const { stack } = this.args;
    const ran = await this.ask(["stack", "history", "--json", "--page-size", "50", "--page", "1"]);
    if (ran.code === 0) return parseHistory(stack, ran.stdout.trim() === "" ? "[]" : ran.stdout);
    if (ran.stderr.includes("no stack named")) return [];
    throw new UserError(`The history of ${stack} cannot be read: ${ran.stderr.trim()}`);
  }

  /** The last validation; undefined where the stack has none, or one that cannot be read. */
  async validation(): Promise<ValidationReport | undefined> {
    // The report holds no secret; it would only count as one if something it is made from does.
    const ran = await this.ask(["stack", "output", "validation", "--json", "--show-secrets"]);
    return ran.code === 0 ? parseValidation(ran.stdout) : undefined;
  }

  /** Makes the stack where there is none, as a preview of it would; refuses a state of an earlier form, and an update that would lose something. */
  async prepare(): Promise<void> {
    const { cli, project, stack, session } = this.args;
    ({ configFile: this.configFile } = await session.prepare());
    const config = loadStackConfig(project, stack);
    const state = await requireTodaysState({
      ...{ cli, folder: project.root, stack, session },
      wanted: { config, project: project.name },
    });
    this.placed = leaveAlone(state, config, project);
  }

  /** Shows what would change; counts where nobody reads along. */
  async preview(): Promise<Changes | null> {
    const { stack, quiet } = this.args;
    if (!quiet) {
      const code = await this.show("preview");
      if (code === 0) return null;
    } else {
      const ran = await this.ask(["preview", "--json", ...this.withConfig()]);
      if (ran.code === 0) return previewSchema.parse(parseJson(ran.stdout)).changeSummary;
      process.stderr.write(ran.stderr);
    }
    throw new UserError(`The preview of ${stack} failed; nothing was changed.`, EXIT.fail);
  }

  /** Resolves to the CLI's exit code. */
  update(message: string): Promise<number> {
    return this.show("up", "--yes", "--skip-preview", "--message", message);
  }

  private show(command: string, ...more: string[]): Promise<number> {
    const { cli, project, stack, quiet } = this.args;
    const args = [command, "--stack", stack, ...this.withConfig(), ...more];
    return runCli({ path: cli, args, folder: project.root, env: this.env, toStderr: quiet });
  }

  private get env(): NodeJS.ProcessEnv {
    return { ...this.args.session.env, ...this.placed };
  }

  private withConfig(): string[] {
    return this.configFile === undefined ? [] : ["--config-file", this.configFile];
  }

  private ask(args: readonly string[]): Promise<QuietResult> {
    const { cli, project, stack } = this.args;
    const all = [...args, "--stack", stack, "--non-interactive"];
    return runQuietly({ path: cli, args: all, folder: project.root, env: this.env });
  }
}
