import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { ProxmoxApi } from "../../scripts/kit/proxmox/api";
import { makeAuthority, makeHost } from "../support/certificates";

const CACHE = process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache");
const FOLDER = path.join(CACHE, "vmstation/fakepve");
const HOST = "127.0.0.9";

export const TOKEN = "vmstation@pve!pulumi=secret-of-the-token";

/** Python with fakepve, where install.sh has put it. */
function findPython(): string | undefined {
  const isWhole = existsSync(path.join(FOLDER, "requirements.txt"));
  return isWhole ? path.join(FOLDER, "bin/python") : undefined;
}

interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: Interface;
  readonly folder: string;
}

/** A Proxmox VE API, of which fakepve plays every part: hosts, storages, machines. */
export class FakePve {
  private constructor(
    private readonly running: Running,
    /** The certificate of the authority that has signed the API's own. */
    readonly authority: string,
    /** The API's own. */
    readonly certificate: string,
    readonly endpoint: string,
  ) {}

  static async start(): Promise<FakePve | { missing: string }> {
    const python = findPython();
    if (python === undefined) return { missing: "fakepve: test/engine/install.sh installs it" };
    const folder = mkdtempSync(path.join(tmpdir(), "vmstation-pve-"));
    const authority = makeAuthority(folder).certificate;
    const { certificate } = makeHost(folder, [`IP:${HOST}`]);
    const file = (name: string): string => path.join(folder, name);
    const script = path.join(__dirname, "files/fake_pve.py");
    const args = [script, HOST, "0", file("server.pem"), file("server.key")];
    const child = spawn(python, args, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface(child.stdout);
    const port = JSON.parse(await nextLine(lines)) as number;
    const endpoint = `https://${HOST}:${port}`;
    return new FakePve({ child, lines, folder }, authority, certificate, endpoint);
  }

  /** The same for a suite, which is skipped where it cannot be had. */
  static async require(context: Mocha.Context): Promise<FakePve> {
    const started = await FakePve.start();
    if (!("missing" in started)) return started;
    console.log(`    skipped: ${started.missing}`);
    return context.skip();
  }

  /** Calls a method of files/fake_pve.py; resolves to its answer. */
  async call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const answer = nextLine(this.running.lines);
    this.running.child.stdin.write(`${JSON.stringify([name, ...args])}\n`);
    return JSON.parse(await answer) as unknown;
  }

  /** Access to it with the token, by VMStation's own client. */
  api(patience?: number): ProxmoxApi {
    const { endpoint, authority: certificates } = this;
    const access = { endpoint, certificates, token: TOKEN };
    return new ProxmoxApi(patience === undefined ? access : { ...access, patience });
  }

  stop(): void {
    this.running.lines.close();
    this.running.child.kill();
    rmSync(this.running.folder, { recursive: true, force: true });
  }
}

function nextLine(lines: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    const closed = (): void => {
      reject(new Error("fakepve has ended"));
    };
    lines.once("close", closed);
    lines.once("line", (line) => {
      lines.removeListener("close", closed);
      resolve(line);
    });
  });
}
