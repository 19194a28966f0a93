import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listKnownSystems } from "../../../components/shared/systems";
import { SshClient } from "../../kit/ssh/client";
import type { Connection } from "../../kit/ssh/connection";
import { scanHostKey } from "../../kit/host-keys/scan";
import { EXIT, UserError } from "../../kit/user-error";
import type { AskedMachine } from "./asked";
import type { SeenMachine } from "./compose";
import { type Facts, parseFacts } from "./facts";

/** What runs on a machine: how to recognise its system, and the look itself. */
export const SCRIPT = [
  `KNOWN_SYSTEMS='${listKnownSystems().join("\n")}'`,
  readFileSync(join(__dirname, "../../../components/remote/files/system.sh"), "utf8"),
  readFileSync(join(__dirname, "files/look.sh"), "utf8"),
].join("\n");

/** A machine and the host key that it shows; nobody has compared it yet. */
export interface ShownMachine {
  readonly asked: AskedMachine;
  readonly hostKey: string;
}

/** The host keys of all machines; those that do not answer are told at once. */
export async function scanMachines(machines: readonly AskedMachine[]): Promise<ShownMachine[]> {
  const scanned = await Promise.all(
    machines.map(async (asked) => {
      return { asked, hostKey: await scanHostKey(asked) };
    }),
  );
  const silent = scanned.filter(({ hostKey }) => hostKey === undefined);
  if (silent.length > 0) {
    const list = silent.map(({ asked: m }) => `${m.name} (${m.address}:${m.port})`).join(", ");
    throw new UserError(
      `No SSH host key can be read from ${list}. Check that it is awake, and that sshd runs there.`,
    );
  }
  return scanned.flatMap(({ asked, hostKey }) =>
    hostKey === undefined ? [] : [{ asked, hostKey }],
  );
}

export interface LookArgs {
  readonly machines: readonly ShownMachine[];
  /** For the client's files; private, and gone after the run. */
  readonly folder: string;
  /** Gets each machine's name once it has been looked at. */
  readonly onDone: (machine: string) => void;
}

/** Looks at all machines side by side, each in one session; what is wrong with any of them is told at once. */
export async function lookAtMachines({
  machines,
  folder,
  onDone,
}: LookArgs): Promise<SeenMachine[]> {
  const hosts = machines.map((shown) => ({
    machine: { name: shown.asked.name },
    connection: connectionOf(shown),
  }));
  const client = new SshClient(folder, hosts);
  const looks = await Promise.allSettled(
    machines.map(async (shown): Promise<SeenMachine> => {
      const facts = await lookAt(shown, client);
      onDone(shown.asked.name);
      return { ...shown, facts };
    }),
  );
  const failed = looks
    .filter((look) => look.status === "rejected")
    .map(({ reason }) => reason as unknown);
  const bug = failed.find((reason) => !(reason instanceof UserError));
  if (bug !== undefined) throw new Error("looking at a machine failed", { cause: bug });
  if (failed.length > 0)
    throw new UserError(
      failed.map(String).join("\n").replaceAll("UserError: ", ""),
      EXIT.couldNotRun,
    );
  return looks.flatMap((look) => (look.status === "fulfilled" ? [look.value] : []));
}

function connectionOf({ asked, hostKey }: ShownMachine): Connection {
  const { address: host, port, user } = asked;
  return { host, port, user, hostKey, privateKey: undefined, perDialTimeout: 15 };
}

async function lookAt(shown: ShownMachine, client: SshClient): Promise<Facts> {
  const { name, user, address } = shown.asked;
  let output = "";
  const decoder = new TextDecoder();
  const { code, stderr } = await client.run(name, connectionOf(shown), {
    command: "sudo -n sh -eus",
    input: SCRIPT,
    onOutput: (chunk) => {
      output += decoder.decode(chunk, { stream: true });
    },
  });
  const facts = code === 0 ? parseFacts(output) : undefined;
  if (facts !== undefined) return facts;
  const said = stderr.trim() === "" ? `code ${code}` : stderr.trim();
  if (code === 255) {
    throw new UserError(
      `${name}: the login as ${user} at ${address} failed (${said}). Load your key into the SSH agent, ` +
        "and add its public key to that user's authorized_keys.",
    );
  }
  if (/\bsudo\b/.test(said)) {
    throw new UserError(
      `${name}: ${user} needs sudo without a password (${said}). See docs/going-live.md#sudo`,
    );
  }
  throw new UserError(`${name} could not be inspected: ${said}`);
}
