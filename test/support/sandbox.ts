import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { renderStdin } from "../../components/remote/render-stdin";
import type { StepFile, Work } from "../../components/remote/step";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A folder in which a step's script runs without being root: the same text, with the folders of the machine
 * (/run, /var/lib/vmstation) moved below it. It stands in for a machine's file system and for nothing else.
 */
export class Sandbox {
  readonly root: string;

  /** `within` is for steps that refuse to work below the system's own folders, where the temporary one may be. */
  constructor(
    private readonly shell = "sh",
    within = os.tmpdir(),
  ) {
    this.root = fs.mkdtempSync(path.join(within, "vmstation-sandbox-"));
    fs.mkdirSync(path.join(this.root, "run"));
  }

  /** A path below the sandbox. */
  at(file: string): string {
    return path.join(this.root, file);
  }

  read(file: string): string {
    return fs.readFileSync(this.at(file), "utf8");
  }

  exists(file: string): boolean {
    return fs.existsSync(this.at(file));
  }

  write(file: string, content: string): void {
    fs.writeFileSync(this.at(file), content);
  }

  /** What is in a folder, by name. */
  list(folder: string): string[] {
    return fs.readdirSync(this.at(folder)).sort();
  }

  /** The same file, owned by the user who runs the test. */
  file(file: string, content: string, more: Partial<StepFile> = {}): StepFile {
    owner ??= ownerName(os.userInfo());
    return { path: this.at(file), content, owner, ...more };
  }

  run(step: Work, verb: string, machine?: string): Ran {
    return this.feed(this.script(step, machine), verb);
  }

  /** As when the connection is cut: the first `share` (0 to 1) of the script, the last line never whole. */
  runPart(step: Work, share: number): Ran {
    const script = this.script(step);
    const lastLine = script.lastIndexOf("main ");
    return this.feed(script.slice(0, Math.floor(lastLine * share)), "apply");
  }

  private script(step: Work, machine = "sandbox"): string {
    return renderStdin(step, { machine, lockSeconds: 5 })
      .replaceAll("/var/lib/vmstation", this.at("state"))
      .replaceAll("/run/vmstation", this.at("run/vmstation"))
      .replaceAll("/run/systemd", this.at("run/systemd"));
  }

  private feed(input: string, verb: string): Ran {
    const ran = spawnSync(this.shell, ["-eus", verb], { input, encoding: "utf8" });
    return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
  }

  remove(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

/** Of the user who runs the tests, asked for once. */
let owner: string | undefined;

function ownerName({ uid, gid }: os.UserInfo<string>): string {
  const name = (kind: string, id: number): string =>
    spawnSync("getent", [kind, String(id)], { encoding: "utf8" }).stdout.split(":")[0] ??
    String(id);
  return `${name("passwd", uid)}:${name("group", gid)}`;
}
