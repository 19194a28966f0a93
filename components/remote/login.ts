import { execFile } from "node:child_process";

const LOAD =
  "load your key: eval $(ssh-agent) && ssh-add, or name a secret that holds one in vmstation:remote.privateKeySecret";

/** Exit codes of `ssh-add -l`, by its manual page. */
const NO_KEYS = 1;
const NO_AGENT = 2;

/**
 * Why nobody can log in to a machine with the operator's SSH agent, and what to do; undefined where the agent has a
 * key, or where there is no ssh-add to ask it with.
 */
export async function findAgentObstacle(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if ((env.SSH_AUTH_SOCK ?? "") === "")
    return `no SSH agent runs here (SSH_AUTH_SOCK is not set), so there is no key to log in with; ${LOAD}`;
  const code = await askAgent(env);
  if (code === NO_KEYS) return `the SSH agent holds no key; ${LOAD}`;
  if (code === NO_AGENT)
    return `the SSH agent at ${env.SSH_AUTH_SOCK ?? ""} does not answer, so there is no key to log in with; ${LOAD}`;
  return undefined;
}

function askAgent(env: NodeJS.ProcessEnv): Promise<number | undefined> {
  return new Promise((resolve) => {
    const child = execFile("ssh-add", ["-l"], { env, timeout: 5000 }, () => {
      resolve(child.exitCode ?? undefined);
    });
  });
}
