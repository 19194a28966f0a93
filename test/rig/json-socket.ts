import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";

const Message = z.object({
  return: z.unknown().optional(),
  error: z.object({ desc: z.string() }).optional(),
  event: z.string().optional(),
});

interface Waiting {
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
      // The agent marks the end of a reset with a byte that is no JSON.
      const message = Message.parse(JSON.parse(line.replace(/^\u00ff|\ufffd/, "")));
      if (message.event !== undefined) onEvent(message.event);
      else if ("return" in message) this.waiting.shift()?.resolve(message.return);
      else if (message.error !== undefined)
        this.waiting.shift()?.reject(new Error(message.error.desc));
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

  execute(command: string, args: object = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private failAll(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}

function ignore(): void {
  // Events that nobody asked for.
}
