import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { readScript } from "./step";
import type { RemoteMachine } from "./machine";

/** An always-on machine on the LAN, and how it is logged in to. */
export interface Relay {
  readonly machine: RemoteMachine;
  /** Private key in OpenSSH's format; the agent is asked where it is absent. */
  readonly privateKey?: pulumi.Output<string> | undefined;
}

/** Milliseconds until a relay that does not answer is given up; another packet follows. */
const PATIENCE = 20_000;

function renderOptions(machine: RemoteMachine, folder: string, hasKey: boolean): string[] {
  const options = [
    ...["BatchMode=yes", "ConnectTimeout=10", "LogLevel=ERROR"],
    ...["StrictHostKeyChecking=yes", `HostKeyAlias=${machine.name}`, "UpdateHostKeys=no"],
    ...[`UserKnownHostsFile=${join(folder, "known_hosts")}`, "GlobalKnownHostsFile=/dev/null"],
    ...(hasKey ? [`IdentityFile=${join(folder, "key")}`, "IdentitiesOnly=yes"] : []),
  ];
  return [...options.flatMap((option) => ["-o", option]), "-p", String(machine.sshPort)];
}

function reveal(value: pulumi.Output<string> | undefined): Promise<string | undefined> {
  return value === undefined
    ? Promise.resolve(undefined)
    : new Promise((resolve) => value.apply(resolve));
}

/**
 * Runs a command on `relay` with OpenSSH's client. Like every connection it accepts the pinned host key alone, and
 * uses the configured key. Throws what ssh, or the command, said.
 */
export async function runByWayOf(
  relay: Relay,
  command: readonly string[],
  input: string,
): Promise<void> {
  const { execa } = await import("execa");
  const { machine } = relay;
  const folder = await mkdtemp(join(tmpdir(), "vmstation-relay-"));
  try {
    const key = await reveal(relay.privateKey);
    const known = machine.hostKey === undefined ? "" : `${machine.name} ${machine.hostKey}\n`;
    await writeFile(join(folder, "known_hosts"), known, { mode: 0o600 });
    if (key !== undefined)
      await writeFile(join(folder, "key"), `${key.trimEnd()}\n`, { mode: 0o600 });
    const login = `${machine.sshUser}@${machine.address}`;
    const options = renderOptions(machine, folder, key !== undefined);
    const ran = await execa("ssh", [...options, login, "--", ...command], {
      ...{ input, reject: false, timeout: PATIENCE, env: { LC_ALL: "C" } },
    });
    if (ran.failed) throw new Error(ran.stderr.trim() || (ran.shortMessage ?? "ssh failed"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Sends a magic packet from `relay`; what sends it is a standard-library Python script given on standard input. */
export async function sendByWayOf(
  relay: Relay,
  mac: string,
  targets: readonly string[],
): Promise<void> {
  const script = readScript(__dirname, "files/send-magic-packet.py");
  await runByWayOf(relay, ["python3", "-", mac, ...targets], script);
}
