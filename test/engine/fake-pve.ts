import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { ProxmoxApi } from "../../scripts/kit/proxmox/api";
import { run } from "../rig/command";

const CACHE = process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache");
const FOLDER = path.join(CACHE, "vmstation/fakepve");
const HOST = "127.0.0.9";

export const TOKEN = "vmstation@pve!pulumi=secret-of-the-token";

/** Python with fakepve, where install.sh has put it. */
function findPython(): string | undefined {
  const isWhole = existsSync(path.join(FOLDER, "requirements.txt"));
  return isWhole ? path.join(FOLDER, "bin/python") : undefined;
}

/** A Proxmox VE API, of which fakepve plays every part: hosts, storages, machines. */
export class FakePve {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: Interface,
    private readonly folder: string,
    /** The certificate of the authority that has signed the API's own. */
    readonly authority: string,
    readonly endpoint: string,
  ) {}

  static async start(): Promise<FakePve | { missing: string }> {
    const python = findPython();
    if (python === undefined) return { missing: "fakepve: test/engine/install.sh installs it" };
    const folder = mkdtempSync(path.join(tmpdir(), "vmstation-pve-"));
    await makeCertificates(folder);
    const file = (name: string): string => path.join(folder, name);
    const script = path.join(__dirname, "files/fake_pve.py");
    const args = [script, HOST, "0", file("server.pem"), file("server.key")];
    const child = spawn(python, args, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface(child.stdout);
    const port = JSON.parse(await nextLine(lines)) as number;
    const authority = readFileSync(file("ca.pem"), "utf8").trim();
    return new FakePve(child, lines, folder, authority, `https://${HOST}:${port}`);
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
    const answer = nextLine(this.lines);
    this.child.stdin.write(`${JSON.stringify([name, ...args])}\n`);
    return JSON.parse(await answer) as unknown;
  }

  /** Access to it with the token, by VMStation's own client. */
  api(patience?: number): ProxmoxApi {
    const { endpoint, authority: certificateAuthority } = this;
    const access = { endpoint, certificateAuthority, token: TOKEN };
    return new ProxmoxApi(patience === undefined ? access : { ...access, patience });
  }

  stop(): void {
    this.lines.close();
    this.child.kill();
    rmSync(this.folder, { recursive: true, force: true });
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

/** As a Proxmox cluster has them: an authority of its own, and a certificate for the host's address. */
async function makeCertificates(folder: string): Promise<void> {
  const file = (name: string): string => path.join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = ["-x509", "-days", "2", "-subj", "/CN=Proxmox Virtual Environment"];
  await run("openssl", [
    ...["req", ...key, ...authority],
    ...["-keyout", file("ca.key"), "-out", file("ca.pem")],
  ]);
  await run("openssl", [
    ...["req", "-x509", "-days", "2", ...key, "-CA", file("ca.pem"), "-CAkey", file("ca.key")],
    ...["-subj", "/CN=pve-a", "-addext", `subjectAltName=IP:${HOST}`],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ...["-keyout", file("server.key"), "-out", file("server.pem")],
  ]);
}
