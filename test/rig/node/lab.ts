import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { apply, destroy, type ApplyArgs, type ApplyResult } from "../engine/apply";
import { osOf } from "../machine-spec";
import type { Rig } from "../rig";

const ROOT = path.join(__dirname, "../../..");

/** Preflight and the machines' own steps: what this suite is about. The rest of the graph is left alone. */
function isMachines(urn: string): boolean {
  return /vmstation:validation:Preflight|vmstation:node:Node/.test(urn);
}

/** The rig's stack, applied to its machines, with a state that is kept between applies. */
export class Lab {
  private readonly folder = mkdtempSync(path.join(tmpdir(), "vmstation-lab-"));
  /** What the last apply wrote, in order. */
  output = "";

  constructor(readonly rig: Rig) {
    process.env.SSH_AUTH_SOCK = rig.agentSocket;
  }

  get stateFile(): string {
    return path.join(this.folder, "state.json");
  }

  /** `settings` are changes to test/rig/Pulumi.rig.yaml, as `layer.key=VALUE`. */
  up(settings: readonly string[] = [], more: Partial<ApplyArgs> = {}): Promise<ApplyResult> {
    return apply(this.args(settings, more));
  }

  destroy(settings: readonly string[] = [], more: Partial<ApplyArgs> = {}): Promise<ApplyResult> {
    return destroy(this.args(settings, more));
  }

  /** The pinned host keys, as settings; a later setting of the same key wins. */
  get hostKeys(): string[] {
    return this.rig.machines.map((m) => `machines.${m.name}.hostKey=${m.hostKey}`);
  }

  /** Which Debian each of them runs, as settings. */
  private get systems(): string[] {
    return this.rig.machines.map(({ name, spec }) => `machines.${name}.os=${osOf(spec)}`);
  }

  private args(settings: readonly string[], more: Partial<ApplyArgs>): ApplyArgs {
    this.output = "";
    return {
      folder: ROOT,
      stack: "rig",
      configFile: path.join(__dirname, "../Pulumi.rig.yaml"),
      settings: [...this.hostKeys, ...this.systems, ...settings],
      stateFile: this.stateFile,
      target: isMachines,
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

/** That all of it was done: the program came to its end, and no step failed or was left out because of another. */
export function assertApplied(result: ApplyResult, lab: Lab): void {
  const { exitCode, errors } = result;
  assert.deepEqual(
    { exitCode, errors, failed: result.names("fail"), skipped: result.names("skip") },
    { exitCode: 0, errors: [], failed: [], skipped: [] },
    explain(result, lab),
  );
}

/** Fails with everything that is known when an apply did not go as it should. */
export function explain(result: ApplyResult, lab: Lab): string {
  const failed = result.steps.filter((step) => step.error !== undefined);
  return [...failed.map((s) => `${s.name}: ${s.error ?? ""}`), ...result.errors, lab.output].join(
    "\n",
  );
}
