import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { run } from "./command";
import { waitFor } from "./wait";

export interface Agent {
  readonly socket: string;
  stop(): Promise<void>;
}

/** An SSH agent that holds one key and nothing of the host's; `token` is the library by which it asks a FIDO token. */
export async function startAgent(socket: string, keyFile: string, token = ""): Promise<Agent> {
  const agent = spawn("ssh-agent", ["-D", "-P", token, "-a", socket], {
    stdio: "ignore",
    detached: true,
  });
  const ended = once(agent, "exit");
  await waitFor("the SSH agent", () => Promise.resolve(existsSync(socket)));
  const env = { ...process.env, SSH_AUTH_SOCK: socket, SSH_SK_PROVIDER: token };
  await run("ssh-add", ["-q", keyFile], { env });
  return {
    socket,
    stop: async () => {
      agent.kill();
      await ended;
      await rm(socket, { force: true });
    },
  };
}
