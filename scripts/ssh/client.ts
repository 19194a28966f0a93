import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogStream } from "../logs/log-stream";
import { Redactor } from "../redact/redact";
import { UserError } from "../user-error";
import type { Connection, SshHost } from "./connection";

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

/** What OpenSSH's client is told: nothing asked, one machine's key accepted, a connection of its own. */
export function renderSshArgs(args: {
  readonly machine: string;
  readonly connection: Connection;
  readonly knownHosts: string;
  readonly identity: string | undefined;
  readonly command: string;
}): string[] {
  const { connection, identity } = args;
  const options = [
    "BatchMode=yes",
    `ConnectTimeout=${connection.perDialTimeout}`,
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile=${quotePath(args.knownHosts)}`,
    "GlobalKnownHostsFile=/dev/null",
    `HostKeyAlias=${args.machine}`,
    "UpdateHostKeys=no",
    "VerifyHostKeyDNS=no",
    // A shared connection would be no new one, and confirm nothing to a guarded change.
    "ControlMaster=no",
    "ControlPath=none",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
    "LogLevel=ERROR",
    ...(identity === undefined
      ? []
      : [`IdentityFile=${quotePath(identity)}`, "IdentitiesOnly=yes"]),
  ];
  return [
    "-T",
    ...options.flatMap((option) => ["-o", option]),
    ...["-p", String(connection.port), "-l", connection.user],
    ...["--", connection.host, args.command],
  ];
}

/** ssh splits such a value at spaces and expands per cent signs. */
function quotePath(path: string): string {
  return `"${path.replaceAll("%", "%%")}"`;
}

/** The machines' pinned keys as OpenSSH reads them, each under its machine's name. */
export function renderKnownHosts(hosts: readonly SshHost[]): string {
  return hosts
    .flatMap(({ machine, connection }) =>
      connection?.hostKey === undefined ? [] : [`${machine.name} ${connection.hostKey}\n`],
    )
    .join("");
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
    writeFileSync(this.knownHosts, renderKnownHosts(hosts), { mode: 0o600 });
  }

  /** How many sessions a machine has been asked for. */
  sessionsTo(machine: string): number {
    return this.sessions.get(machine) ?? 0;
  }

  run(machine: string, connection: Connection, run: SshRun): Promise<SshResult> {
    this.sessions.set(machine, this.sessionsTo(machine) + 1);
    const args = renderSshArgs({
      ...{ machine, connection, knownHosts: this.knownHosts, command: run.command },
      identity: this.writeIdentity(machine, connection),
    });
    const { signal } = run;
    const child = spawn("ssh", args, { env: { ...process.env, LC_ALL: "C" }, signal });
    const errors: Buffer[] = [];
    const shown = new LogStream((text) => run.onError?.(Buffer.from(text)));
    child.stdout.on("data", (chunk: Buffer) => run.onOutput?.(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      errors.push(chunk);
      shown.push(chunk);
    });
    // Where ssh ends before it has read all, its exit code says why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(run.input);
    return new Promise((resolve, reject) => {
      child.on("error", (error) => {
        // The child still closes, and that resolves.
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
    writeFileSync(file, `${privateKey.trimEnd()}\n`, { mode: 0o600 });
    return file;
  }
}
