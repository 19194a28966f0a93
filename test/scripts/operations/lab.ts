import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { vmstation } from "../../support/command-line";
import { changedHomelab, type Change } from "../../support/homelab";

export const HOST_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdYdLPMmVc3ycEHwUnzWkrO9LWVmTmG0LJZJ1M8dHyC";
const MACHINES = ["maple", "spruce", "hazel"] as const;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The homelab's stack in a folder of its own, whose machines are answered for by fakes/ssh. */
export class OperationsLab {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-operations-"));
  private readonly before = {
    PATH: process.env.PATH,
    BOX: process.env.BOX,
    HOME: process.env.HOME,
  };

  constructor(...changes: readonly Change[]) {
    const pinned = MACHINES.map((name): Change => [["machines", name, "hostKey"], HOST_KEY]);
    const { values } = changedHomelab(...pinned, ...changes);
    const config = Object.entries(values).map(([key, value]) => [`vmstation:${key}`, value]);
    this.write("Pulumi.yaml", "name: vmstation\nruntime: nodejs\n");
    this.write("Pulumi.homelab.yaml", stringify({ config: Object.fromEntries(config) as unknown }));
    for (const name of MACHINES) this.answer(name, "exit 0");
    process.env.PATH = `${path.join(__dirname, "fakes")}:${process.env.PATH ?? ""}`;
    process.env.BOX = this.root;
    process.env.HOME = this.at("home");
  }

  at(...names: string[]): string {
    return path.join(this.root, ...names);
  }

  read(name: string): string {
    return fs.readFileSync(this.at(name), "utf8");
  }

  write(name: string, content: string, mode = 0o644): string {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
    fs.writeFileSync(this.at(name), content, { mode });
    return this.at(name);
  }

  /** What the machine does when it is asked: a shell script. */
  answer(machine: string, script: string): void {
    this.write(`${machine}/answer`, `${script}\n`);
  }

  /** The machine sleeps, or is off: ssh says so. */
  silence(machine: string): void {
    this.write(`${machine}/away`, "ssh: connect to host 10.0.0.1 port 22: No route to host\n");
  }

  /** "MACHINE COMMAND" for each session. */
  sessions(): string[] {
    if (!fs.existsSync(this.at("ssh.log"))) return [];
    return this.read("ssh.log").trimEnd().split("\n");
  }

  /** Runs a verb in this process, as the command line does. */
  async run(...words: string[]): Promise<Ran> {
    const { status: code, stdout, stderr } = await vmstation("-C", this.root, ...words);
    return { code, stdout, stderr };
  }

  remove(): void {
    for (const [name, value] of Object.entries(this.before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}
