import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { answers } from "../../../components/remote/look-by-ssh";
import type { Input } from "./command";
import { refuseOffline } from "../../kit/controller/machines";
import { PowerController } from "../../kit/controller/power-controller";
import { writeProgress } from "../../kit/controller/results";
import { KeepAwake } from "../../kit/ssh/keep-awake";
import { Operator } from "../../kit/ssh/operator";
import { runSession } from "../../kit/ssh/session";
import { UserError } from "../../kit/user-error";
import { Waker } from "../../kit/wake/waker";
import { renderNotWoken, renderWaking } from "./render";

/** How long one look at the SSH port may take, in milliseconds. */
const LOOK = 2000;

/**
 * `vmstation ssh M [-- command]`: a session on the machine, woken first where it sleeps and held awake meanwhile.
 * The exit code is the remote command's.
 */
export async function run({ args: [name, words], options }: Input): Promise<number> {
  const command = words[0] === "--" ? words.slice(1) : words;
  const operator = Operator.open(options);
  const folder = mkdtempSync(join(tmpdir(), "vmstation-ssh-"));
  try {
    const machine = operator.machine(name);
    refuseOffline(machine);
    const connection = operator.connection(machine);
    if (!machine.sleeps) return await runSession(name, connection, { folder, command });
    const controller = new PowerController(operator, () => undefined);
    const kept = new KeepAwake(controller, name, "vmstation ssh", writeProgress);
    // First the hold: a machine that is just going to sleep finds it at its last look, and stays.
    await kept.begin();
    try {
      await ensureAwake(operator, machine);
      return await runSession(name, connection, { folder, command });
    } finally {
      await kept.end();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    operator.close();
  }
}

async function ensureAwake(
  operator: Operator,
  machine: ReturnType<Operator["machine"]>,
): Promise<void> {
  if (await answers(machine, LOOK)) return;
  writeProgress(renderWaking(machine.name));
  const why = `vmstation ssh by ${userInfo().username}`;
  const waker = new Waker({ operator, why, wait: true, onProgress: writeProgress });
  const woken = await waker.wake(machine);
  if (!woken.done) throw new UserError(renderNotWoken(machine.name, woken.why));
}
