import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Project, readOptional } from "../stack-file/project";
import { isMap } from "../stack-file/stack-config";
import { renderNoStack } from "../stack-file/stacks";
import { parseYamlFile } from "../stack-file/yaml-file";
import { UserError } from "../user-error";
import { LocalState } from "./local-state";
import { PrivateFolder } from "../private-folder";
import { findCertificates, renderTrust } from "./authority";
import { runQuietly } from "./run-cli";
import { decideSetup, readLogin, type Setup } from "./setup";

export interface SessionArgs {
  cli: string;
  project: Project;
  stack: string;
  destroys: boolean;
  env: NodeJS.ProcessEnv;
}

/** One run of the CLI: the environment, the stack and the files that it needs. */
export class Session {
  readonly env: NodeJS.ProcessEnv;
  private readonly local: LocalState;
  private readonly temporary: PrivateFolder;
  private readonly setup: Setup;
  private readonly committed: string;
  private readonly content: Record<string, unknown>;

  constructor(private readonly args: SessionArgs) {
    const { project, stack, env } = args;
    this.local = new LocalState(project.root);
    this.committed = readStackFile(project, stack);
    this.content = parseStackFile(stack, this.committed);
    this.setup = decideSetup({
      env,
      projectBackend: project.backend,
      login: readLogin(env),
      stackFile: this.content,
      hasPassphraseFile: this.local.hasPassphrase(),
    });
    this.local.create();
    if (this.setup.ownPassphrase === "make") this.local.ensurePassphrase(project.name, stack);
    this.temporary = new PrivateFolder(join(this.local.folder, "tmp"));
    this.env = this.renderEnvironment();
  }

  /** For files of this run alone. */
  get folder(): string {
    return this.temporary.path;
  }

  /** Makes the stack if there is none yet, and the copy of its configuration. */
  async prepare(): Promise<{ configFile: string | undefined }> {
    if (!(await this.hasStack())) await this.createStack();
    return { configFile: this.setup.copyConfig ? this.writeCopy() : undefined };
  }

  /** Keeps the salt that the CLI may have made, and leaves nothing else behind. */
  close(): void {
    if (this.setup.copyConfig) this.keepSalt(this.local.copyFile(this.args.stack));
    this.temporary.remove();
  }

  get hasOwnBackend(): boolean {
    return this.setup.ownBackend;
  }

  /** The state in the local backend of the wrapper's own; undefined where it has none. */
  readState(): unknown {
    return this.local.readState(this.args.project.name, this.args.stack);
  }

  private renderEnvironment(): NodeJS.ProcessEnv {
    const { env } = this.args;
    const { ownBackend, ownPassphrase } = this.setup;
    return {
      ...env,
      PULUMI_SKIP_UPDATE_CHECK: "1",
      // A dead machine must not stop the work on the others.
      PULUMI_CONTINUE_ON_ERROR: env.PULUMI_CONTINUE_ON_ERROR ?? "true",
      // The CLI would fetch the provider of each package in node_modules, also of those that the stack does not use. It
      // fetches what is used when it is. An option as a variable: an older CLI passes over one that it does not know.
      PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL: env.PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL ?? "true",
      TMPDIR: this.temporary.path,
      ...this.trustHypervisor(),
      // Compiled code holds no secret, so later runs can use it.
      VMSTATION_COMPILE_TMPDIR: env.TMPDIR ?? "/tmp",
      // A destroy without the program has no hooks: nothing would wake a machine that sleeps.
      ...(this.args.destroys
        ? { PULUMI_RUN_PROGRAM: env.PULUMI_RUN_PROGRAM ?? "true", VMSTATION_DESTROYS: "1" }
        : {}),
      ...(ownBackend ? { PULUMI_BACKEND_URL: this.local.backendUrl } : {}),
      ...(ownPassphrase === "none"
        ? {}
        : { PULUMI_CONFIG_PASSPHRASE_FILE: this.local.passphraseFile }),
    };
  }

  /** The provider trusts the hypervisor's own certificates, and nothing else where there are some. */
  private trustHypervisor(): NodeJS.ProcessEnv {
    const certificates = findCertificates(this.content);
    if (certificates === undefined) return {};
    const folder = join(this.temporary.path, "authorities");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "hypervisor.pem");
    writeFileSync(file, `${certificates}\n`);
    return renderTrust(this.args.env, file);
  }

  private async hasStack(): Promise<boolean> {
    const { project, stack } = this.args;
    if (this.setup.ownBackend) return this.local.hasStack(project.name, stack);
    const { code, stderr } = await this.runInScratch(["stack", "--show-name", "--stack", stack]);
    return code === 0 || !stderr.includes("no stack named");
  }

  /** The CLI writes a new stack's salt beside its Pulumi.yaml, so it gets one of its own. */
  private async createStack(): Promise<void> {
    const { stack } = this.args;
    const { code, stderr } = await this.runInScratch(["stack", "init", stack, "--no-select"]);
    if (code !== 0) throw new UserError(`The stack ${stack} cannot be created: ${stderr.trim()}`);
    this.keepSalt(join(this.scratch, `Pulumi.${stack}.yaml`));
  }

  private get scratch(): string {
    return join(this.temporary.path, "scratch");
  }

  private runInScratch(args: string[]): ReturnType<typeof runQuietly> {
    const { cli, project } = this.args;
    mkdirSync(this.scratch, { recursive: true });
    const manifest = { name: project.name, runtime: "nodejs" };
    writeFileSync(join(this.scratch, "Pulumi.yaml"), JSON.stringify(manifest));
    const quiet = [...args, "--non-interactive"];
    return runQuietly({ path: cli, args: quiet, folder: this.scratch, env: this.env });
  }

  private keepSalt(file: string): void {
    const text = readOptional(file);
    if (text === undefined) return;
    const salt = parseStackFile(this.args.stack, text).encryptionsalt;
    if (typeof salt === "string") this.local.writeSalt(this.args.stack, salt);
  }

  private writeCopy(): string {
    const { stack } = this.args;
    const salt = this.local.readSalt(stack);
    const line = salt === undefined ? "" : `\nencryptionsalt: ${salt}\n`;
    const file = this.local.copyFile(stack);
    writeFileSync(file, `${this.committed.trimEnd()}\n${line}`, { mode: 0o600 });
    return file;
  }
}

function readStackFile(project: Project, stack: string): string {
  const file = join(project.configFolder, `Pulumi.${stack}.yaml`);
  const text = readOptional(file);
  if (text === undefined) throw new UserError(renderNoStack(project, stack, file));
  return text;
}

function parseStackFile(stack: string, text: string): Record<string, unknown> {
  const content = parseYamlFile(`Pulumi.${stack}.yaml`, text);
  return isMap(content) ? content : {};
}
