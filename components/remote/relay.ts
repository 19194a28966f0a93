import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { readScript } from "./step";
import type { RemoteMachine } from "./machine";
import { loginSettings } from "./ssh-settings";
import { renderIdentity, renderKnownHosts, renderSshArgs } from "./ssh-options";

/** An always-on machine on the LAN, and how it is logged in to. */
export interface Relay {
  readonly machine: RemoteMachine;
  /** Private key in OpenSSH's format; the agent is asked where it is absent. */
  readonly privateKey?: pulumi.Output<string> | undefined;
}

/** Milliseconds until a relay that does not answer is given up; another packet follows. */
const PATIENCE = 20_000;
/** Seconds of that until the connection must be there. */
const CONNECT = 10;

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
    const [knownHosts, identity] = [join(folder, "known_hosts"), join(folder, "key")];
    await writeFile(knownHosts, renderKnownHosts([machine]), { mode: 0o600 });
    if (key !== undefined) await writeFile(identity, renderIdentity(key), { mode: 0o600 });
    const login = {
      ...{ machine: machine.name, host: machine.address },
      ...{ port: machine.sshPort, user: machine.sshUser, connectTimeout: CONNECT },
      ...{ knownHosts, identity: key === undefined ? undefined : identity },
      ...loginSettings(machine),
    };
    const ran = await execa("ssh", renderSshArgs(login, command), {
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
