import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const BOOTSTRAP =
  process.env.BOOTSTRAP_SOURCES ?? path.join(__dirname, "../../../components/bootstrap");

const MOVED = [
  "/var/lib/vmstation",
  "/var/lib/etcd",
  "/var/lib/kubelet",
  "/var/lib/rancher",
  "/etc/kubernetes",
  "/etc/rancher",
  "/etc/vmstation",
  "/srv/backups",
];

export interface Result {
  readonly code: number | null;
  readonly stderr: string;
  /** What was called of the tools that are played, in order. */
  readonly calls: readonly string[];
}

/** A folder in which an installer runs: its own paths lie below, and the tools named note how they were called. */
export class Installer {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-install-"));
  private readonly text: string;

  /** Further environment of what runs. */
  protected readonly env: Record<string, string> = {};

  constructor(script: string, played: Readonly<Record<string, string>>) {
    fs.mkdirSync(this.at("bin"));
    for (const [name, more] of Object.entries(played)) {
      const text = `#!/bin/sh\necho "${name} $*" >>${this.at("calls")}\n${more}\n`;
      fs.writeFileSync(this.at(`bin/${name}`), text, { mode: 0o755 });
    }
    this.text = this.moved(fs.readFileSync(path.join(BOOTSTRAP, script), "utf8"));
    fs.mkdirSync(this.at("usr"));
  }

  /** The text with the folders of the machine below this one. */
  moved(text: string): string {
    return MOVED.reduce(
      (moved, folder) => moved.replaceAll(folder, this.at(folder)),
      text
        .replace("PATH=/usr/local/bin:", `PATH=${this.at("bin")}:`)
        .replaceAll("/usr/local", this.at("usr")),
    );
  }

  at(file: string): string {
    return path.join(this.folder, file);
  }

  write(file: string, content: string): void {
    fs.mkdirSync(path.dirname(this.at(file)), { recursive: true });
    fs.writeFileSync(this.at(file), content);
  }

  /** A script of the bootstrap's, as it lies on the machine. */
  copy(script: string, file: string): void {
    this.write(file, this.moved(fs.readFileSync(path.join(BOOTSTRAP, script), "utf8")));
  }

  read(file: string): string | undefined {
    return fs.existsSync(this.at(file)) ? fs.readFileSync(this.at(file), "utf8").trim() : undefined;
  }

  run(...args: string[]): Result {
    return this.sh("-c", this.text, "install", ...args);
  }

  protected sh(...args: string[]): Result {
    fs.rmSync(this.at("calls"), { force: true });
    const own = { VMSTATION_FAILURE: this.at("failure") };
    const env = { ...own, ...this.env, PATH: `${this.at("bin")}:${process.env.PATH ?? ""}` };
    const ran = spawnSync("sh", args, { encoding: "utf8", env });
    const calls = this.read("calls")?.replaceAll(this.folder, "").split("\n") ?? [];
    return { code: ran.status, stderr: ran.stderr, calls };
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true });
  }
}
