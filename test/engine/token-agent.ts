import { readFileSync } from "node:fs";
import path from "node:path";
import { findToken, makeTokenKey } from "../support/security-key";
import type { Machine } from "../rig/machine";
import { type Agent, startAgent } from "../rig/ssh-agent";

/** An agent with a FIDO key, which the machines let in instead of any other; undefined where there is no token. */
export async function startTokenAgent(
  machines: readonly Machine[],
  folder: string,
): Promise<Agent | undefined> {
  const token = findToken();
  if (token === undefined) return undefined;
  const file = path.join(folder, "token");
  makeTokenKey(token, file);
  const line = readFileSync(`${file}.pub`, "utf8").trim();
  for (const machine of machines)
    await machine.exec(`echo '${line}' >/home/ops/.ssh/authorized_keys`);
  return startAgent(path.join(folder, "token-agent"), file, token);
}
