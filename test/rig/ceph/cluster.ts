import { readFileSync } from "node:fs";
import path from "node:path";
import type { CommandResult } from "../command";
import type { Machine } from "../machine";

const DOCUMENT = path.join(__dirname, "../../../docs/platform.md");
const SCRIPT = path.join(__dirname, "cluster.sh");
const KEY = "/root/client-key";

/** A Ceph of one monitor and one disk, which is a file, of Debian's packages on a machine. */
export class CephCluster {
  constructor(
    readonly machine: Machine,
    private readonly repository: string,
    private readonly fsid: string,
  ) {}

  /** Installs and starts it. */
  async start(): Promise<void> {
    const settings = Object.entries({
      ...{ ADDRESS: this.machine.address, FSID: this.fsid, REPOSITORY: this.repository },
    }).map(([name, value]) => `${name}='${value}'\n`);
    await this.machine.exec(settings.join("") + readFileSync(SCRIPT, "utf8"));
  }

  /** Types what the document says, and returns what that prints: the client's key. */
  async makeClient(): Promise<string> {
    const { stdout } = await this.admin(documented());
    const key = stdout.trim().split("\n").at(-1) ?? "";
    await this.machine.exec(`umask 077; printf %s '${key}' >${KEY}`);
    return key;
  }

  /** As somebody on a host of Ceph, who may do everything. */
  admin(script: string): Promise<CommandResult> {
    return this.machine.exec(script);
  }

  /** As the client, which knows the monitors' addresses and its key, and reads no configuration. */
  client(words: string): Promise<CommandResult> {
    const [program = "", ...others] = words.split(" ");
    const who = `--conf /dev/null --mon-host ${this.machine.address} --id kubernetes --keyfile ${KEY}`;
    const command = `timeout 30 ${program} ${who} ${others.join(" ")}`;
    return this.machine.exec(command, { anyCode: true });
  }
}

/** The commands of the document's own block, which makes the pool and the client. */
export function documented(): string {
  const blocks = readFileSync(DOCUMENT, "utf8").matchAll(/```sh\n([^]*?)```/g);
  const found = [...blocks].flatMap(([, block = ""]) =>
    block.includes("ceph auth get-or-create") ? [block] : [],
  );
  if (found.length !== 1) throw new Error(`docs/platform.md has ${found.length} such blocks`);
  return found[0] ?? "";
}
