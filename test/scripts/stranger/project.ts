import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type Ran, vmstation } from "../../support/command-line";

/** The smallest stack: one machine, called attic. */
export const STACK = fs.readFileSync(
  path.join(__dirname, "../../../docs/examples/Pulumi.small.yaml"),
  "utf8",
);

/** Environment that would decide which stack is meant. */
const DECIDING = [
  "PULUMI_STACK",
  "PULUMI_HOME",
  "PULUMI_BACKEND_URL",
  "PULUMI_ACCESS_TOKEN",
  "PATH",
];

/** A project of somebody who is not the author, in a folder of its own, with nothing of Pulumi's in the environment. */
export class StrangersProject {
  readonly root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-stranger-")));
  private readonly before = DECIDING.map((name) => [name, process.env[name]] as const);

  constructor(...stacks: readonly string[]) {
    for (const name of DECIDING) if (name !== "PATH") Reflect.deleteProperty(process.env, name);
    process.env.PULUMI_HOME = this.at("home");
    this.write("Pulumi.yaml", "name: vmstation\nruntime: nodejs\n");
    for (const stack of stacks) this.write(`Pulumi.${stack}.yaml`, STACK);
  }

  at(...names: readonly string[]): string {
    return path.join(this.root, ...names);
  }

  write(name: string, content: string): string {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
    fs.writeFileSync(this.at(name), content);
    return this.at(name);
  }

  run(...words: readonly string[]): Promise<Ran> {
    return vmstation("-C", this.root, ...words);
  }

  remove(): void {
    for (const [name, value] of this.before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}
