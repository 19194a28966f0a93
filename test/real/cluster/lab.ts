import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { revealMap } from "../../../scripts/engine/inspect";
import { kubernetes } from "../../../components/versions";
import { EngineLab } from "../../engine/engine-lab";
import type { Engine } from "../../engine/find-engine";
import { run, type CommandResult } from "../../rig/command";
import { apply, destroy, type ApplyArgs, type ApplyResult } from "../../rig/engine/apply";
import { osOf } from "../../rig/machine-spec";
import type { Rig } from "../../rig/rig";
import type { MirrorServer } from "../mirror/serve";
import type { MirrorRecord } from "../mirror/make";
import { KubectlObjects } from "./kubectl-objects";

const ROOT = path.join(__dirname, "../../..");
const STACK = path.join(__dirname, "../Pulumi.real.yaml");

const stackSchema = z.object({
  config: z.looseObject({
    "vmstation:machines": z.record(z.string(), z.looseObject({})),
    "vmstation:bootstrap": z.looseObject({}),
  }),
});

export interface Description {
  /** Those that the stack has; all of the rig's by default. */
  readonly machines?: readonly string[];
  /** Changes of one machine's description, by name; of a machine that the stack does not have, all of it. */
  readonly changes?: Readonly<Record<string, object>>;
  readonly kubernetesVersion?: string;
  /** More of whole sections, by name: `{ bootstrap: { audit: false } }`. */
  readonly more?: Readonly<Record<string, object>>;
}

/** The whole program on the rig's machines: its resources through the rig's runner, with a state that is kept. */
export class RealLab {
  private readonly folder = mkdtempSync(path.join(tmpdir(), "vmstation-real-"));
  readonly objects = new KubectlObjects(path.join(this.folder, "kubeconfig"));
  /** What the last apply wrote, in order. */
  output = "";

  constructor(
    readonly rig: Rig,
    /** Where machines find their mirror. */
    private readonly mirror: Pick<MirrorServer, "url" | "files">,
    private readonly record: MirrorRecord,
  ) {
    process.env.SSH_AUTH_SOCK = rig.agentSocket;
    this.describe();
  }

  get stackFile(): string {
    return path.join(this.folder, "Pulumi.real.yaml");
  }

  get stateFile(): string {
    return path.join(this.folder, "state.json");
  }

  /** Writes the stack's file. */
  describe(description: Description = {}): void {
    const {
      machines,
      changes = {},
      kubernetesVersion = kubernetes.version,
      more = {},
    } = description;
    const stack = stackSchema.parse(parse(readFileSync(STACK, "utf8")));
    const described = stack.config["vmstation:machines"];
    const all = [...new Set([...Object.keys(described), ...Object.keys(changes)])]
      .filter((name) => machines === undefined || machines.includes(name))
      .map((name) => {
        const { hostKey, spec } = this.rig.machine(name);
        return [name, { ...described[name], hostKey, os: osOf(spec), ...changes[name] }] as const;
      });
    stack.config["vmstation:machines"] = Object.fromEntries(all);
    Object.assign(stack.config["vmstation:bootstrap"], this.sources(kubernetesVersion));
    for (const [section, keys] of Object.entries(more)) {
      const key = `vmstation:${section}`;
      stack.config[key] = { ...z.looseObject({}).parse(stack.config[key] ?? {}), ...keys };
    }
    writeFileSync(this.stackFile, stringify(stack));
  }

  /** The mirror's address, and the digests of its parts, which are not the upstream ones. */
  sources(kubernetesVersion: string): {
    readonly kubernetesVersion: string;
    readonly checksums: Readonly<Record<string, string>> | undefined;
    readonly sources: object;
  } {
    const mirrors = [this.mirror.url];
    const digest = (name: string): string | undefined =>
      Object.entries(this.record.images).find(([image]) => image.includes(`/${name}:`))?.[1];
    return {
      kubernetesVersion,
      checksums: this.record.checksums[kubernetesVersion],
      sources: {
        files: this.mirror.files,
        registryMirrors: Object.fromEntries(this.registries().map((host) => [host, mirrors])),
        imageDigests: { pause: digest("pause"), metricsServer: digest("metrics-server") },
      },
    };
  }

  /** Whose images the mirror has. */
  private registries(): string[] {
    const hosts = Object.keys(this.record.images).map((name) => name.slice(0, name.indexOf("/")));
    return [...new Set(hosts)].sort();
  }

  up(more: Partial<ApplyArgs> = {}): Promise<ApplyResult> {
    return apply(this.args(more));
  }

  /** The stack in the hands of the real engine, without apps: their images cannot be had. */
  openEngine(engine: Engine): Promise<EngineLab> {
    const env = { SSH_AUTH_SOCK: this.rig.agentSocket };
    const settings = ["apps={}"];
    return EngineLab.open({ engine, stack: "real", configFile: this.stackFile, env, settings });
  }

  /** As if the stack had never been applied. */
  forgetState(): void {
    rmSync(this.stateFile);
  }

  destroy(): Promise<ApplyResult> {
    return destroy(this.args({}));
  }

  /** Runs a verb against what was described last, as an operator does. */
  vmstation(...words: string[]): Promise<CommandResult> {
    const stack = ["--stack", "real", "--config-file", this.stackFile];
    const [verb = "", ...others] = words;
    // `ssh` takes all that follows the machine's name as its command.
    const all = verb === "ssh" ? [verb, ...stack, ...others] : [...words, ...stack];
    const command = [path.join(ROOT, "scripts/vmstation.cjs"), ...all];
    return run(process.execPath, command, { anyCode: true, env: process.env });
  }

  /** A verb that has to pass; returns what it prints. */
  async passes(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.vmstation(...words);
    assert.equal(code, 0, `vmstation ${words.join(" ")}\n${stderr}${stdout}`);
    return stdout;
  }

  /** Waits until all checks pass. */
  becomesHealthy(): Promise<string> {
    return this.passes("validate", "--wait", "8m", "--failures");
  }

  /** A path in the lab's folder, which goes with it. */
  pathOf(name: string): string {
    return path.join(this.folder, name);
  }

  kubectl(...words: string[]): Promise<string> {
    return this.objects.kubectl(words);
  }

  private args(more: Partial<ApplyArgs>): ApplyArgs {
    this.output = "";
    return {
      folder: ROOT,
      stack: "real",
      configFile: this.stackFile,
      stateFile: this.stateFile,
      objects: this.objects,
      onOutput: (text) => {
        this.output += text;
      },
      ...more,
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** All that is known where an apply did not go as it should. */
function explain(result: ApplyResult, lab: RealLab): string {
  const failed = result.steps.filter((step) => step.error !== undefined);
  const words = failed.map((step) => `${step.name}: ${step.error ?? ""}`);
  return [...words, ...result.errors, lab.output].join("\n");
}

/** That all of it was done: the program came to its end, and no step failed or was left out because of another. */
export function assertDone(result: ApplyResult, lab: RealLab): void {
  const { exitCode, errors } = result;
  assert.deepEqual(
    { exitCode, errors, failed: result.names("fail"), skipped: result.names("skip") },
    { exitCode: 0, errors: [], failed: [], skipped: [] },
    explain(result, lab),
  );
}

/** The resources that an apply has changed. */
export function changesOf(result: ApplyResult): string[] {
  const operations = ["create", "update", "replace", "delete"] as const;
  return operations.flatMap((operation) => result.names(operation));
}

const reportSchema = z.object({
  status: z.string(),
  checks: z.array(z.object({ group: z.string(), name: z.string(), status: z.string() })),
});

/** What the checks at the end of the graph found. */
export function validationOf({ outputs }: ApplyResult): z.infer<typeof reportSchema> {
  const { validation } = z.object({ validation: z.string() }).parse(revealMap(outputs));
  return reportSchema.parse(JSON.parse(validation));
}

/** An `up` that has to do what was described, and end with a validation that passes. */
export async function upPasses(lab: RealLab, more: Partial<ApplyArgs> = {}): Promise<ApplyResult> {
  const result = await lab.up(more);
  assertDone(result, lab);
  assert.equal(validationOf(result).status, "pass");
  return result;
}

/** An `up` after which all is as before. */
export async function upChangesNothing(lab: RealLab): Promise<void> {
  const result = await lab.up();
  assertDone(result, lab);
  assert.deepEqual(changesOf(result), []);
}
