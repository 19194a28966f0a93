import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { CommandError, type CommandOptions, type CommandResult } from "./command";
import { JsonSocket } from "./json-socket";

const Started = z.object({ pid: z.number() });

const Status = z.object({
  exited: z.boolean(),
  exitcode: z.number().optional(),
  "out-data": z.string().default(""),
  "err-data": z.string().default(""),
});

/** An answer takes milliseconds; an agent that is not there (yet) never gives one. */
const PATIENCE = 5000;

/** The agent does not say when a command ends; it has to be asked. */
const INTERVAL = 50;

/** Runs a program in the machine by its guest agent, without a network. */
export async function guestExec(
  socketFile: string,
  program: string,
  args: readonly string[],
  { input = "", anyCode = false, timeout = 600_000 }: CommandOptions,
): Promise<CommandResult> {
  const agent = await JsonSocket.open(socketFile);
  try {
    await synchronise(agent);
    const command = {
      path: program,
      arg: args,
      "input-data": Buffer.from(input).toString("base64"),
      "capture-output": true,
    };
    const { pid } = Started.parse(await answered(agent.execute("guest-exec", command)));
    const status = await finished(agent, pid, timeout);
    const result = {
      code: status.exitcode ?? 1,
      stdout: decode(status["out-data"]),
      stderr: decode(status["err-data"]),
    };
    if (result.code !== 0 && !anyCode)
      throw new CommandError([program, ...args], `exit ${String(result.code)}`, result);
    return result;
  } finally {
    agent.close();
  }
}

/** An agent that stops answering, as in a reboot, fails the command rather than being waited for. */
async function finished(
  agent: JsonSocket,
  pid: number,
  timeout: number,
): Promise<z.infer<typeof Status>> {
  const end = performance.now() + timeout;
  while (performance.now() < end) {
    const status = Status.parse(await answered(agent.execute("guest-exec-status", { pid })));
    if (status.exited) return status;
    await delay(INTERVAL);
  }
  throw new Error(`a command in the QEMU machine did not end within ${String(timeout / 1000)} s`);
}

/** The channel may still hold the answer to a command whose sender did not wait for it. */
async function synchronise(agent: JsonSocket): Promise<void> {
  const id = randomInt(2 ** 31);
  await answered(agent.execute("guest-sync", { id }, (value) => value === id));
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error("the guest agent does not answer"));
    }, PATIENCE);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
