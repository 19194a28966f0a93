import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { text as readText } from "node:stream/consumers";
import path from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { applySetting, parseSetting } from "../../scripts/kit/stack-file/setting";
import type { StackExport } from "../../scripts/kit/state/deployment";
import { loadProject } from "../../scripts/kit/stack-file/project";
import { loadStackConfig } from "../../scripts/kit/stack-file/stack-config";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { run } from "../rig/command";
import {
  documentSchema,
  type EngineResource,
  exportSchema,
  type StateEntry,
} from "./engine-document";
import type { Engine } from "./find-engine";
import { type Update, watchUpdate } from "./update";

export type { Update } from "./update";

const ROOT = path.join(__dirname, "../..");

/** What the program is made of; what else lies in the project's folder is none of the engine's business. */
const PROGRAM = [
  ...["Pulumi.yaml", "package.json", "tsconfig.json"],
  ...["components", "stacks", "scripts", "node_modules"],
];

export interface UpdateOptions {
  /** Names in URNs, with wildcards; default: all resources. */
  readonly target?: readonly string[];
  /** Those that are left alone, likewise. */
  readonly exclude?: readonly string[];
  readonly expectNoChanges?: boolean;
}

export interface EngineLabArgs {
  readonly engine: Engine;
  readonly stack: string;
  /** The stack's file, which is copied. */
  readonly configFile: string;
  /** Changes to it, as `layer.key=VALUE`. */
  readonly settings?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another program than the project's own index.ts, by its path in the project. */
  readonly program?: string;
}

/** A stack in the hands of the real engine, with a state of its own. */
export class EngineLab {
  private readonly settings = new Map<string, string>();

  private constructor(
    private readonly args: EngineLabArgs,
    readonly folder: string,
    private readonly stack: Stack,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** A stack with nothing in it yet. */
  static async open(args: EngineLabArgs): Promise<EngineLab> {
    const folder = mkdtempSync(path.join(tmpdir(), "vmstation-engine-"));
    for (const name of PROGRAM) symlinkSync(path.join(ROOT, name), path.join(folder, name));
    const program = path.join(ROOT, args.program ?? "index.ts");
    writeFileSync(
      path.join(folder, "index.ts"),
      `module.exports = require(${JSON.stringify(program)});\n`,
    );
    for (const name of ["state", "tmp"]) mkdirSync(path.join(folder, name), { mode: 0o700 });
    const env = {
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_RUN_PROGRAM: "true",
      TMPDIR: path.join(folder, "tmp"),
      VMSTATION_COMPILE_TMPDIR: tmpdir(),
      VMSTATION_GENERATED: path.join(folder, "generated"),
      ...args.env,
    };
    const root = path.dirname(path.dirname(args.engine.cli));
    const pulumiCommand = await PulumiCommand.get({ root, skipVersionCheck: true });
    writeFileSync(path.join(folder, `Pulumi.${args.stack}.yaml`), "config: {}\n");
    const stack = await LocalWorkspace.createStack(
      { stackName: args.stack, workDir: folder },
      { pulumiCommand, envVars: env },
    );
    const lab = new EngineLab(args, folder, stack, env);
    lab.set(...(args.settings ?? []));
    return lab;
  }

  /** The stack's file as the engine reads it. */
  get configFile(): string {
    return path.join(this.folder, `Pulumi.${this.args.stack}.yaml`);
  }

  /** Changes the configuration for all runs from now on, as `layer.key=VALUE`; a later value wins. */
  set(...settings: readonly string[]): void {
    for (const setting of settings) {
      const [key = ""] = setting.split("=");
      this.settings.set(key, setting);
    }
    const project = loadProject(ROOT);
    const config = loadStackConfig(project, this.args.stack, this.args.configFile);
    for (const text of this.settings.values())
      applySetting(config, project.name, parseSetting(text));
    // What the CLI wrote itself stays: the salt, and the secrets that were set by it.
    const before = fileSchema.parse(parse(readFileSync(this.configFile, "utf8")));
    const secrets = Object.entries(before.config).filter(([, value]) => isSecret(value));
    const after = { ...before, config: Object.fromEntries([...config, ...secrets]) };
    writeFileSync(this.configFile, stringify(after));
  }

  /** Gives a machine another name, in its place in the configuration; nothing else may name it. */
  renameMachine(from: string, to: string): void {
    const { config } = fileSchema.parse(parse(readFileSync(this.configFile, "utf8")));
    const machines = z.record(z.string(), z.unknown()).parse(config["vmstation:machines"]);
    const renamed = Object.entries(machines).map(([name, each]) => [
      name === from ? to : name,
      each,
    ]);
    this.set(`machines=${JSON.stringify(Object.fromEntries(renamed))}`);
  }

  /** Sets a secret of the stack, which the CLI encrypts. */
  async setSecret(name: string, value: string): Promise<void> {
    await this.stack.setConfig(`vmstation:${name}`, { value, secret: true });
  }

  preview(options: UpdateOptions = {}): Promise<Update> {
    return watchUpdate((watching) =>
      this.stack.preview({ ...watching, ...renderOptions(options) }),
    );
  }

  up(options: UpdateOptions = {}): Promise<Update> {
    return watchUpdate((watching) =>
      this.stack.up({ ...watching, ...renderOptions(options), continueOnError: true }),
    );
  }

  refresh(options: UpdateOptions = {}): Promise<Update> {
    return watchUpdate((watching) =>
      this.stack.refresh({ ...watching, ...renderOptions(options) }),
    );
  }

  destroy(options: UpdateOptions = {}): Promise<Update> {
    return watchUpdate((watching) =>
      this.stack.destroy({ ...watching, ...renderOptions(options), continueOnError: true }),
    );
  }

  /** Gives the stack a state; secrets may be plain in it and are encrypted. */
  async importState({ version, deployment }: StackExport): Promise<void> {
    const { encryptionsalt: salt } = saltSchema.parse(parse(readFileSync(this.configFile, "utf8")));
    const providers = { type: "passphrase", state: { salt } };
    await this.stack.importStack({
      version,
      deployment: { ...deployment, secrets_providers: providers },
    });
  }

  /** Runs a verb of ours on the stack, as a person does. */
  async verb(
    [name, ...args]: readonly [string, ...string[]],
    more: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number; output: string }> {
    const env = { ...process.env, ...this.env, ...more };
    const all = this.renderVerb(name, args);
    const { code, stdout, stderr } = await run(process.execPath, all, { env, anyCode: true });
    return { code, output: stdout + stderr };
  }

  private renderVerb(name: string, args: readonly string[]): string[] {
    const program = path.join(ROOT, "scripts/vmstation.cjs");
    return [program, "-C", this.folder, name, "--stack", this.args.stack, ...args];
  }

  /** Puts other entries in the place of the state's own, as the CLI exports them. */
  async changeState(change: (entry: StateEntry) => StateEntry): Promise<void> {
    const { version, deployment } = exportSchema.parse(await this.stack.exportStack());
    const resources = deployment.resources.map(change);
    await this.stack.importStack({ version, deployment: { ...deployment, resources } });
  }

  /** What docs/interrupted.md tells to do after an update that was killed. */
  async repair(): Promise<void> {
    await this.stack.cancel();
  }

  /** What the engine's own `preview --json` says of each resource, by URN. */
  async previewDocument(): Promise<Map<string, EngineResource>> {
    const child = this.start("preview", "--json");
    const [stdout, stderr] = await Promise.all([readText(child.stdout), readText(child.stderr)]);
    const document: unknown = JSON.parse(stdout === "" ? "null" : stdout);
    const parsed = documentSchema.safeParse(document);
    if (!parsed.success) throw new Error(`no preview: ${stderr}\n${parsed.error.message}`);
    return new Map(parsed.data.steps.map(({ urn, newState }) => [urn, newState]));
  }

  /** What each resource of the state waits for, by URN: its parent, which waits in its stead, is among them. */
  async dependencies(): Promise<Map<string, readonly string[]>> {
    const { deployment } = stateSchema.parse(await this.stack.exportStack());
    return new Map(
      deployment.resources.map(({ urn, parent, dependencies, propertyDependencies }) => [
        urn,
        [
          ...(parent === undefined ? [] : [parent]),
          ...dependencies,
          ...Object.values(propertyDependencies).flat(),
        ],
      ]),
    );
  }

  /** Runs the CLI itself, as a person does, in a process group of its own; for what is to be interrupted. */
  start(...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
    const all = [...args, "--stack", this.args.stack, "--non-interactive"];
    return this.spawn(this.args.engine.cli, all);
  }

  /** The same of a verb of ours. */
  startVerb(name: string, ...args: readonly string[]): ReturnType<EngineLab["start"]> {
    return this.spawn(process.execPath, this.renderVerb(name, args));
  }

  private spawn(program: string, args: readonly string[]): ReturnType<EngineLab["start"]> {
    return spawn(program, args, {
      cwd: this.folder,
      env: { ...process.env, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
  }

  /** The state as it lies in its file: secrets are encrypted in it, or they are not. */
  get stateText(): string {
    const files = readdirSync(path.join(this.folder, "state"), {
      recursive: true,
      withFileTypes: true,
    });
    return files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(path.join(file.parentPath, file.name), "utf8"))
      .join("\n");
  }

  /** What a run left in its temporary folder. */
  get temporaryFiles(): string[] {
    return readdirSync(path.join(this.folder, "tmp"), { recursive: true }).map(String);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const fileSchema = z.looseObject({ config: z.record(z.string(), z.unknown()).prefault({}) });

const saltSchema = z.looseObject({ encryptionsalt: z.string() });

const urns = z.array(z.string()).prefault([]);
const resourceSchema = z.object({
  urn: z.string(),
  parent: z.string().optional(),
  dependencies: urns,
  propertyDependencies: z.record(z.string(), urns).prefault({}),
});
const stateSchema = z.object({ deployment: z.object({ resources: z.array(resourceSchema) }) });

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

function renderOptions({ target, exclude, expectNoChanges }: UpdateOptions): {
  target?: string[];
  exclude?: string[];
  expectNoChanges?: boolean;
} {
  return {
    ...(target === undefined ? {} : { target: [...target] }),
    ...(exclude === undefined ? {} : { exclude: [...exclude] }),
    ...(expectNoChanges === undefined ? {} : { expectNoChanges }),
  };
}
