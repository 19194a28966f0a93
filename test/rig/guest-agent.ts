import { z } from "zod";
import { CommandError, type CommandOptions, type CommandResult } from "./command";
import { JsonSocket } from "./json-socket";
import { waitFor } from "./wait";

const Started = z.object({ pid: z.number() });

const Status = z.object({
  exited: z.boolean(),
  exitcode: z.number().optional(),
  "out-data": z.string().default(""),
  "err-data": z.string().default(""),
});

/** An answer takes milliseconds; an agent that is not there (yet) never gives one. */
const PATIENCE = 2000;

/** Runs a program in the machine by its guest agent, without a network. */
export async function guestExec(
  socketFile: string,
  program: string,
  args: readonly string[],
  { input = "", anyCode = false, timeout = 600_000 }: CommandOptions,
): Promise<CommandResult> {
  const agent = await JsonSocket.open(socketFile);
  try {
    await answered(agent.execute("guest-ping"));
    const started = await agent.execute("guest-exec", {
      path: program,
      arg: args,
      "input-data": Buffer.from(input).toString("base64"),
      "capture-output": true,
    });
    const { pid } = Started.parse(started);
    const status = await waitFor(
      `${program} in the QEMU machine`,
      async () => {
        const answer = await answered(agent.execute("guest-exec-status", { pid }));
        const parsed = Status.parse(answer);
        return parsed.exited ? parsed : undefined;
      },
      timeout,
    );
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
