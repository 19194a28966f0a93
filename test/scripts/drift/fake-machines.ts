import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { renderStdin } from "../../../components/remote/render-stdin";
import type { Step } from "../../../components/remote/step";
import type { MachineTargets, Target } from "../../../scripts/kit/look/targets";
import type { Connection } from "../../../scripts/kit/ssh/connection";
import { parseHeader } from "../../../components/remote/header";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdYdLPMmVc3ycEHwUnzWkrO9LWVmTmG0LJZJ1M8dHyC";

/** Machines that are folders, reached by an ssh and a sudo of the tests' own: see fakes/. */
export class FakeMachines {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-drift-"));
  private readonly before = { PATH: process.env.PATH, BOX: process.env.BOX };

  constructor() {
    fs.mkdirSync(path.join(this.root, "client"), { mode: 0o700 });
    process.env.PATH = `${path.join(__dirname, "fakes")}:${process.env.PATH ?? ""}`;
    process.env.BOX = this.root;
  }

  at(...names: string[]): string {
    return path.join(this.root, ...names);
  }

  write(name: string, content: string): void {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
    fs.writeFileSync(this.at(name), content);
  }

  /** The commands that were run over SSH, one a line with all of ssh's arguments. */
  sessions(): string[] {
    if (!fs.existsSync(this.at("ssh.log"))) return [];
    return fs.readFileSync(this.at("ssh.log"), "utf8").trimEnd().split("\n");
  }

  remove(): void {
    for (const [name, value] of Object.entries(this.before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

const OWNER = ["-un", "-gn"]
  .map((option) => execFileSync("id", [option], { encoding: "utf8" }).trim())
  .join(":");

/** A step that brings one file, `/machine/NAME`. */
export function fileStep(name: string, content: string, more: Partial<Step> = {}): Step {
  return {
    name,
    script: "step() { ensure_files; }",
    libraries: ["files"],
    files: [{ path: `/machine/${name}`, content, owner: OWNER }],
    ...more,
  };
}

export function connectionTo(more: Partial<Connection> = {}): Connection {
  return {
    host: "10.0.0.1",
    port: 22,
    user: "ops",
    hostKey: HOST_KEY,
    privateKey: undefined,
    perDialTimeout: 3,
    ...more,
  };
}

/** A machine whose steps come one after the other, as those of a node do. */
export function chain(
  machine: string,
  steps: readonly (Step | string)[],
  more: Partial<MachineTargets["machine"]> & { secret?: boolean } = {},
): MachineTargets {
  const { secret = false, ...rest } = more;
  const urns = steps.map((_, index) => `urn:${machine}:${index}`);
  const targets = steps.map((step, index): Target => {
    const after = new Set(urns.slice(0, index));
    const urn = urns[index] ?? "";
    if (typeof step === "string") return { urn, name: `${machine}-${index}`, after, script: step };
    const stdin = renderStdin(step, { machine, lockSeconds: 5 });
    const header = parseHeader(stdin);
    if (header === undefined) throw new Error(`no header: ${stdin.slice(0, 80)}`);
    const { step: id, checks, confirms } = header;
    const script = { step: id, checks, confirms, stdin, update: "sudo -n sh -eus apply", secret };
    return { urn, name: `${machine}-${step.name}`, after, script };
  });
  return {
    machine: { name: machine, address: "10.0.0.1", sleeps: false, offline: false, ...rest },
    connection: connectionTo(),
    targets,
  };
}
