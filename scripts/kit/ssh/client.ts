import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogStream } from "./log-stream";
import { Redactor } from "../redact/redact";
import { UserError } from "../user-error";
import {
  renderIdentity,
  renderKnownHosts,
  renderSshArgs,
} from "../../../components/remote/ssh-options";
import { type Connection, renderLogin, type SshHost } from "./connection";

export interface SshResult {
  /** Of the remote command; 255 where SSH itself failed. */
  readonly code: number;
  /** Without secrets: what a machine says of its troubles is passed on by every verb. */
  readonly stderr: string;
}

export interface SshRun {
  readonly command: string;
  readonly input: string;
  readonly onOutput?: (chunk: Uint8Array) => void;
  /** Whole lines, without secrets and without what could steer a terminal. */
  readonly onError?: (chunk: Uint8Array) => void;
  /** Ends the session, for which ssh's own failure is then reported. */
  readonly signal?: AbortSignal | undefined;
}

const NO_SSH = "ssh is not on this computer: install OpenSSH's client.";

/** ssh's own exit code, also where it was ended by a signal. */
const SSH_FAILED = 255;

function isMissing(error: Error): boolean {
  return "code" in error && error.code === "ENOENT";
}

/** Runs commands on machines by the system's ssh, which brings the operator's own agent and settings. */
export class SshClient {
  private readonly knownHosts: string;
  private readonly sessions = new Map<string, number>();

  /** Keeps its files in `folder`, which is private and goes when the run is over. */
  constructor(
    private readonly folder: string,
    hosts: readonly SshHost[],
  ) {
    this.knownHosts = join(folder, "known_hosts");
    const pinned = hosts.map(({ machine, connection }) => ({
      ...machine,
      hostKey: connection?.hostKey,
    }));
    writeFileSync(this.knownHosts, renderKnownHosts(pinned), { mode: 0o600 });
  }

  /** How many sessions a machine has been asked for. */
  sessionsTo(machine: string): number {
    return this.sessions.get(machine) ?? 0;
  }

  run(machine: string, connection: Connection, run: SshRun): Promise<SshResult> {
    this.sessions.set(machine, this.sessionsTo(machine) + 1);
    const files = {
      knownHosts: this.knownHosts,
      identity: this.writeIdentity(machine, connection),
    };
    const args = renderSshArgs(renderLogin(machine, connection, files), [run.command]);
    const { signal } = run;
    const child = spawn("ssh", args, { env: { ...process.env, LC_ALL: "C" }, signal });
    const errors: Buffer[] = [];
    const shown = new LogStream((text) => run.onError?.(Buffer.from(text)));
    child.stdout.on("data", (chunk: Buffer) => run.onOutput?.(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      errors.push(chunk);
      shown.push(chunk);
    });
    // ssh may end before it has read everything: its exit code says why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(run.input);
    return new Promise((resolve, reject) => {
      child.on("error", (error) => {
        // The child's close event follows, and resolves the promise.
        if (signal?.aborted === true) return;
        reject(isMissing(error) ? new UserError(NO_SSH) : error);
      });
      child.on("close", (code) => {
        shown.end();
        const stderr = new Redactor().redact(Buffer.concat(errors).toString("utf8"));
        resolve({ code: code ?? SSH_FAILED, stderr });
      });
    });
  }

  private writeIdentity(machine: string, { privateKey }: Connection): string | undefined {
    if (privateKey === undefined) return undefined;
    const file = join(this.folder, `${machine}.key`);
    writeFileSync(file, renderIdentity(privateKey), { mode: 0o600 });
    return file;
  }
}
