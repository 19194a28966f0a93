import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentBridge } from "./bridge";
import { findKeys, type Found, type KeyHost } from "./find-keys";

/** The agent that a run of Pulumi logs in with. */
export interface RunAgent {
  /** Goes on top of the run's environment. */
  readonly env: { readonly SSH_AUTH_SOCK?: string };
  /** Ends what was started for the run. */
  readonly close: () => void;
}

const AS_IT_IS: RunAgent = { env: {}, close: () => undefined };

/**
 * Pulumi's provider logs in by the agent that SSH_AUTH_SOCK names and reads no ssh settings. Where the operator's
 * settings name another agent or a key file, the run gets an agent that has those keys as well. So a resource's inputs
 * are the same for each operator, and no key is in the state.
 */
export async function startRunAgent(
  machines: readonly KeyHost[],
  env: NodeJS.ProcessEnv,
): Promise<RunAgent> {
  const found = await findKeys(machines, env);
  const [only] = found.agents;
  if (found.files.length === 0 && found.agents.length <= 1) {
    return only === undefined || only === env.SSH_AUTH_SOCK
      ? AS_IT_IS
      : { ...AS_IT_IS, env: { SSH_AUTH_SOCK: only } };
  }
  // Without it the run has the agent that it would have had anyway; what is missing then is said where it logs in.
  return startAgents(found).catch(() => AS_IT_IS);
}

async function startAgents({ agents, files }: Found): Promise<RunAgent> {
  // A socket's path may have about 100 bytes.
  const folder = mkdtempSync(join(tmpdir(), "vmstation-agent-"));
  let own: ChildProcess | undefined;
  let bridge: AgentBridge | undefined;
  const close = (): void => {
    bridge?.close();
    own?.stdin?.end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const ownSocket = join(folder, "keys");
    if (files.length > 0) {
      own = await startAgent(ownSocket);
      for (const file of files) await addKey(ownSocket, file);
    }
    if (agents.length === 0) return { env: { SSH_AUTH_SOCK: ownSocket }, close };
    const socket = join(folder, "all");
    bridge = await AgentBridge.listen(socket, [
      ...(own === undefined ? [] : [ownSocket]),
      ...agents,
    ]);
    return { env: { SSH_AUTH_SOCK: socket }, close };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * OpenSSH's own agent. It ends with a command that ends with its input, so also where this process is killed: no key stays
 * behind in an agent that nobody knows of. Both are in a session of their own: a terminal sends Ctrl-C to all in its
 * session's group, and the steps that still run then log in with these keys.
 */
function startAgent(socket: string): Promise<ChildProcess> {
  const args = ["-a", socket, "sh", "-c", "echo ready; exec cat"];
  const child = spawn("ssh-agent", args, {
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      reject(new Error(`ssh-agent ended with code ${String(code)}`));
    });
    child.stdout.once("data", () => {
      resolve(child);
    });
  });
}

async function addKey(socket: string, file: string): Promise<void> {
  const { execa } = await import("execa");
  const env = { SSH_AUTH_SOCK: socket, SSH_ASKPASS_REQUIRE: "never" };
  await execa("ssh-add", ["-q", file], { env, stdin: "ignore" });
}
