import { chmodSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";

// Messages of the agent protocol (draft-miller-ssh-agent): a length of four bytes, the type, what belongs to it.
const FAILURE = 5;
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;

/** An agent that waits for a person (a touch, a PIN) may take its time, in milliseconds. */
const PATIENCE = 120_000;
const MOST_BYTES = 256 * 1024;

/**
 * Answers as one SSH agent for several: lists the keys of all, and lets each agent sign with its own keys. It passes
 * nothing else on, so nobody can add or remove a key through it.
 */
export class AgentBridge {
  private readonly server: Server;
  private readonly clients = new Set<Socket>();

  private constructor(private readonly agents: readonly string[]) {
    this.server = createServer((client) => {
      this.serve(client);
    });
  }

  /** Listens at the path `socket` for this user alone. */
  static async listen(socket: string, agents: readonly string[]): Promise<AgentBridge> {
    const bridge = new AgentBridge(agents);
    await new Promise<void>((resolve, reject) => {
      bridge.server.once("error", reject);
      bridge.server.listen(socket, resolve);
    });
    chmodSync(socket, 0o600);
    return bridge;
  }

  /** Ends what is connected as well: a program that stays behind must not keep this one from its end. */
  close(): void {
    this.server.close();
    for (const client of this.clients) client.destroy();
  }

  private serve(client: Socket): void {
    // One answer after the other, in the order of the requests.
    let last: Promise<unknown> = Promise.resolve();
    this.clients.add(client);
    client.on("close", () => this.clients.delete(client));
    client.on("error", () => client.destroy());
    readMessages(client, (message) => {
      last = last.then(async () => client.write(frame(await this.answer(message))));
      last.catch(() => client.destroy());
    });
  }

  private async answer(message: Buffer): Promise<Buffer> {
    const type = message[0];
    if (type === REQUEST_IDENTITIES) return this.listAll();
    if (type === SIGN_REQUEST) return this.sign(message);
    return Buffer.from([FAILURE]);
  }

  private async listAll(): Promise<Buffer> {
    const lists = await Promise.all(this.agents.map((agent) => listKeys(agent)));
    const keys = new Map(lists.flat().map((key) => [key.blob.toString("base64"), key]));
    const items = [...keys.values()].flatMap(({ blob, comment }) => [
      string(blob),
      string(comment),
    ]);
    return Buffer.concat([Buffer.from([IDENTITIES_ANSWER]), uint32(keys.size), ...items]);
  }

  private async sign(message: Buffer): Promise<Buffer> {
    const wanted = new Reader(message.subarray(1)).string();
    for (const agent of this.agents) {
      const keys = await listKeys(agent);
      if (keys.some(({ blob }) => blob.equals(wanted))) return request(agent, message);
    }
    return Buffer.from([FAILURE]);
  }
}

interface AgentKey {
  readonly blob: Buffer;
  readonly comment: Buffer;
}

/** An agent that does not answer, or not as an agent does, has no keys. */
async function listKeys(agent: string): Promise<AgentKey[]> {
  try {
    return readKeys(await request(agent, Buffer.from([REQUEST_IDENTITIES])));
  } catch {
    return [];
  }
}

/** Throws a RangeError where the message ends too early. */
function readKeys(answer: Buffer): AgentKey[] {
  if (answer[0] !== IDENTITIES_ANSWER) return [];
  const reader = new Reader(answer.subarray(1));
  const keys: AgentKey[] = [];
  for (let left = reader.uint32(); left > 0; left--)
    keys.push({ blob: reader.string(), comment: reader.string() });
  return keys;
}

/** One request over a connection of its own. */
function request(agent: string, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(agent);
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(PATIENCE, () => {
      fail(new Error(`${agent} does not answer`));
    });
    socket.on("error", fail);
    socket.on("close", () => {
      reject(new Error(`${agent} hung up`));
    });
    readMessages(socket, (answer) => {
      socket.destroy();
      resolve(answer);
    });
    socket.write(frame(message));
  });
}

/** Calls `onMessage` with each whole message; one that is too long ends the connection. */
function readMessages(socket: Socket, onMessage: (message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0);
      if (length > MOST_BYTES) {
        socket.destroy();
        return;
      }
      if (rest.length < 4 + length) return;
      const message = rest.subarray(4, 4 + length);
      rest = rest.subarray(4 + length);
      onMessage(message);
    }
  });
}

class Reader {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  uint32(): number {
    const value = this.buffer.readUInt32BE(this.at);
    this.at += 4;
    return value;
  }

  string(): Buffer {
    const length = this.uint32();
    const value = this.buffer.subarray(this.at, this.at + length);
    this.at += length;
    return value;
  }
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function string(value: Buffer): Buffer {
  return Buffer.concat([uint32(value.length), value]);
}

function frame(message: Buffer): Buffer {
  return string(message);
}
