import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";

const Message = z.object({
  return: z.unknown().optional(),
  error: z.object({ desc: z.string() }).optional(),
  event: z.string().optional(),
});

interface Waiting {
  accepts: (value: unknown) => boolean;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** QEMU's protocol of JSON lines, spoken by its monitor and by its guest agent, one command at a time. */
export class JsonSocket {
  private readonly waiting: Waiting[] = [];

  private constructor(
    private readonly socket: Socket,
    onEvent: (event: string) => void,
  ) {
    createInterface(socket).on("line", (line) => {
      const message = Message.parse(JSON.parse(line));
      if (message.event === undefined) this.answer(message);
      else onEvent(message.event);
    });
    socket.on("error", (error) => {
      this.failAll(error);
    });
    socket.on("close", () => {
      this.failAll(new Error("the connection was closed"));
    });
  }

  static open(file: string, onEvent: (event: string) => void = ignore): Promise<JsonSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect(file);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new JsonSocket(socket, onEvent));
      });
    });
  }

  /** An answer that `accepts` refuses belongs to an earlier command, and is passed over. */
  execute(
    command: string,
    args: object = {},
    accepts: Waiting["accepts"] = anything,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ accepts, resolve, reject });
      this.socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private answer(message: z.infer<typeof Message>): void {
    const [first] = this.waiting;
    if (first === undefined || !("return" in message || message.error !== undefined)) return;
    if (message.error === undefined && !first.accepts(message.return)) return;
    this.waiting.shift();
    if (message.error === undefined) first.resolve(message.return);
    else first.reject(new Error(message.error.desc));
  }

  private failAll(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}

function anything(): boolean {
  return true;
}

function ignore(): void {
  // Events that nobody asked for.
}
