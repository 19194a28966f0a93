import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { run, type CommandResult } from "../command";
import type { Machine } from "../machine";
import type { Rig } from "../rig";
import { currentRun } from "../run-context";
import { waitFor } from "../wait";
import { pythonIndex } from "./python-index";
import { UpProcess, type UpResult } from "./up-process";

const ROOT = path.join(__dirname, "../../..");
const PROGRAM = path.join(__dirname, "program");
const TREE = path.join(__dirname, "tree");
const MIRROR = "/srv/kubespray";

const stackSchema = z.object({
  config: z.looseObject({
    "vmstation:machines": z.record(z.string(), z.looseObject({})),
    "vmstation:bootstrap": z.looseObject({}),
  }),
});

/** What a playbook of the rig's own was given, as it noted it. */
const receivedSchema = z.object({
  playbook: z.string(),
  limit: z.string(),
  tags: z.array(z.string()),
  hosts: z.array(z.string()),
  version: z.string(),
  node: z.string(),
  serial: z.string(),
  maxPods: z.number(),
});

export type Received = z.infer<typeof receivedSchema>;

export interface Description {
  /** Those that the stack has; default: all of the rig's. */
  readonly machines?: readonly string[];
  /** Changes of one machine's description, by name. */
  readonly changes?: Readonly<Record<string, object>>;
  readonly bootstrap?: Readonly<Record<string, unknown>>;
}

/** Where the packages of Ansible are, or undefined where they could not be fetched. */
export function packageIndex(): string | undefined {
  const context = currentRun();
  return context === undefined ? undefined : pythonIndex(context.cache);
}

/** The bootstrap alone, on the rig's machines, with playbooks of the rig's own. */
export class BootstrapLab {
  private readonly folder = mkdtempSync(path.join(tmpdir(), "vmstation-bootstrap-"));
  private commit = "";

  constructor(
    readonly rig: Rig,
    /** The folder of playbooks that stand in the place of Kubespray's. */
    private readonly tree = TREE,
  ) {
    process.env.SSH_AUTH_SOCK = rig.agentSocket;
  }

  get controller(): Machine {
    return this.rig.machine("maple");
  }

  get stackFile(): string {
    return path.join(this.folder, "Pulumi.rig.yaml");
  }

  /** What the machines' own steps would have installed, and a repository with a tag and a commit to verify. */
  async prepare(): Promise<void> {
    await this.controller.exec(
      "apt-get -q update; apt-get -qy --no-install-recommends install git python3-venv rsync",
    );
    const { stdout } = await run("bash", [
      "-euo",
      "pipefail",
      "-c",
      'tar -C "$0" --exclude=./.git -c . | base64 -w 0',
      this.tree,
    ]);
    await this.controller.exec(
      `mkdir -p ${MIRROR} /var/lib/rig; base64 -d | tar -C ${MIRROR} --no-same-owner -x; cd ${MIRROR}
       git -c init.defaultBranch=main init -q; git add -A
       git -c user.name=rig -c user.email=rig@rig commit -qm tree; git tag v2.31.0`,
      { input: stdout },
    );
    this.commit = (await this.controller.exec(`git -C ${MIRROR} rev-parse HEAD`)).stdout.trim();
  }

  /** Writes the stack's file. */
  describe({ machines, changes = {}, bootstrap = {} }: Description = {}): void {
    const file = path.join(__dirname, "../Pulumi.rig.yaml");
    const stack = stackSchema.parse(parse(readFileSync(file, "utf8")));
    const all = Object.entries(stack.config["vmstation:machines"])
      .filter(([name]) => machines === undefined || machines.includes(name))
      .map(([name, machine]) => {
        const { hostKey } = this.rig.machine(name);
        return [name, { ...machine, hostKey, ...changes[name] }] as const;
      });
    stack.config["vmstation:machines"] = Object.fromEntries(all);
    stack.config["vmstation:bootstrap"] = {
      method: "kubespray",
      ...bootstrap,
      sources: {
        kubesprayGit: `file://${MIRROR}`,
        kubesprayCommit: this.commit,
        pythonIndex: packageIndex(),
      },
    };
    writeFileSync(this.stackFile, stringify(stack));
  }

  /** Starts an `up` of what was described last; `without` names resources that are left alone. */
  start(without: readonly string[] = []): UpProcess {
    return new UpProcess({
      folder: PROGRAM,
      stack: "rig",
      configFile: this.stackFile,
      stateFile: path.join(this.folder, "state.json"),
      without,
    });
  }

  up(description?: Description): Promise<UpResult> {
    if (description !== undefined) this.describe(description);
    return this.start().end();
  }

  /** Runs a verb against what was described last, as an operator does. */
  vmstation(...words: string[]): Promise<CommandResult> {
    const stack = ["--stack", "rig", "--config-file", this.stackFile];
    const command = [path.join(ROOT, "scripts/vmstation.cjs"), ...words, ...stack];
    return run(process.execPath, command, { anyCode: true, env: process.env });
  }

  /** What the playbooks noted since the last call, in order. */
  async received(): Promise<Received[]> {
    const { stdout } = await this.controller.exec(
      "cat /var/lib/rig/received; rm -f /var/lib/rig/received /var/lib/rig/ended",
      { anyCode: true },
    );
    const lines = stdout.split("\n").filter((line) => line !== "");
    return lines.map((line) =>
      receivedSchema.parse(JSON.parse(line.slice(0, line.lastIndexOf(" ")))),
    );
  }

  /** Whether the run's unit is going on. */
  async isRunning(): Promise<boolean> {
    const { code } = await this.controller.exec("systemctl is-active -q vmstation-kubespray", {
      anyCode: true,
    });
    return code === 0;
  }

  /** Has the next playbook wait at its beginning, until `letGo`. */
  async hold(): Promise<void> {
    await this.controller.exec("touch /var/lib/rig/hold");
  }

  async letGo(): Promise<void> {
    await this.controller.exec("rm -f /var/lib/rig/hold");
  }

  /** Resolves once a playbook has begun. */
  async hasBegun(): Promise<void> {
    await waitFor(
      "a playbook to begin",
      async () => {
        const { code } = await this.controller.exec("test -s /var/lib/rig/received", {
          anyCode: true,
        });
        return code === 0;
      },
      120_000,
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Fails with all that is known where an `up` did not go as it should. */
export function explain(result: UpResult): string {
  const failed = result.steps.flatMap((s) =>
    s.error === undefined ? [] : [`${s.name}: ${s.error}`],
  );
  return [...failed, ...result.errors, result.said].join("\n");
}
