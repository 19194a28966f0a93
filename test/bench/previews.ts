import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runQuietly } from "../../scripts/kit/pulumi/run-cli";
import type { Probe } from "./measure";

export interface PreviewsArgs {
  cli: string;
  /** The project's folder. */
  root: string;
  /** A folder for state. */
  folder: string;
  /** A folder in the project for the empty program: the CLI looks at the Git repository in each preview. */
  emptyFolder: string;
}

/** Previews by the real CLI, against a local state of their own. */
export class Previews {
  private readonly env: Record<string, string>;

  constructor(private readonly args: PreviewsArgs) {
    const state = join(args.folder, "state");
    mkdirSync(state);
    this.env = {
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_SKIP_UPDATE_CHECK: "1",
    };
  }

  /** What `pulumi new typescript` makes, with nothing in it. */
  async empty(): Promise<Probe> {
    const folder = this.args.emptyFolder;
    writeFileSync(join(folder, "Pulumi.yaml"), "name: empty\nruntime: nodejs\n");
    writeFileSync(join(folder, "package.json"), `{ "name": "empty", "main": "index.ts" }\n`);
    writeFileSync(join(folder, "tsconfig.json"), `{ "compilerOptions": { "strict": true } }\n`);
    writeFileSync(join(folder, "index.ts"), "export {};\n");
    symlinkSync(join(this.args.root, "node_modules"), join(folder, "node_modules"));
    await this.init(folder, "bench");
    return this.probe(folder, ["--stack", "bench"]);
  }

  /** The project's own program with a stack file made for it. */
  async project(stack: string, file: string): Promise<Probe> {
    const scratch = join(this.args.folder, `scratch-${stack}`);
    mkdirSync(scratch);
    writeFileSync(join(scratch, "Pulumi.yaml"), "name: vmstation\nruntime: nodejs\n");
    await this.init(scratch, stack);
    return this.probe(this.args.root, ["--stack", stack, "--config-file", file]);
  }

  private probe(folder: string, args: string[]): Probe {
    const all = ["preview", "--non-interactive", ...args];
    return { command: this.args.cli, args: all, folder, env: this.env };
  }

  private async init(folder: string, stack: string): Promise<void> {
    const { code, stderr } = await runQuietly({
      path: this.args.cli,
      args: ["stack", "init", stack, "--no-select", "--non-interactive"],
      folder,
      env: { ...process.env, ...this.env },
    });
    if (code !== 0) throw new Error(`pulumi stack init ${stack}: ${stderr}`);
  }
}
