import { statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Client, type AuthenticationType, type ConnectConfig } from "ssh2";
import { z } from "zod";

/** How long @pulumi/command waits after a failed dial: at first, growing by, at most (ms). */
const BACKOFF = { first: 100, factor: 1.5, most: 5000 };

/** Keep-alive of Go's dialer, in ms. */
const KEEP_ALIVE = 15_000;

const HOST_KEY_TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"] as const;

/** A remote command's connection, with the defaults of @pulumi/command. A proxy is not known here. */
export const Connection = z.strictObject({
  host: z.string(),
  port: z.number().default(22),
  user: z.string().default("root"),
  password: z.string().optional(),
  privateKey: z.string().optional(),
  privateKeyPassword: z.string().optional(),
  agentSocketPath: z.string().optional(),
  /** Failed dials that are retried; -1 for no limit. */
  dialErrorLimit: z.int().default(10),
  /** Seconds for one TCP connection; 0 for no limit. */
  perDialTimeout: z.int().default(15),
  hostKey: z.string().optional(),
});

export type Connection = z.infer<typeof Connection>;

/** Logs in, retrying as the provider does: with growing pauses, whatever the failure was. */
export async function dial(connection: Connection, signal: AbortSignal): Promise<Client> {
  const config = clientConfig(connection);
  const { dialErrorLimit: limit } = connection;
  let pause = BACKOFF.first;
  for (let failed = 0; ; failed++) {
    try {
      return await logIn(config, await openSocket(connection));
    } catch (error) {
      if (limit >= 0 && failed >= limit) {
        throw new Error(`after ${String(failed)} failed attempts: ${messageOf(error)}`, {
          cause: error,
        });
      }
      await delay(pause, undefined, { signal });
      pause = Math.min(pause * BACKOFF.factor, BACKOFF.most);
    }
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * As in the provider, each kind of authentication is tried once, so an agent is not asked where a
 * private key is given.
 */
function clientConfig(connection: Connection): ConnectConfig {
  const { user, password, privateKey, privateKeyPassword } = connection;
  const agent = connection.agentSocketPath ?? process.env.SSH_AUTH_SOCK;
  if (agent !== undefined && !statSync(agent).isSocket()) throw new Error(`${agent} is no socket`);
  const methods: AuthenticationType[] = ["none"];
  if (privateKey !== undefined) methods.push("publickey");
  if (password !== undefined) methods.push("password");
  if (privateKey === undefined && agent !== undefined) methods.push("agent");
  return {
    username: user,
    readyTimeout: 0,
    authHandler: methods,
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(privateKeyPassword === undefined ? {} : { passphrase: privateKeyPassword }),
    ...(password === undefined ? {} : { password }),
    ...(agent === undefined ? {} : { agent }),
    ...hostKeyConfig(connection.hostKey),
  };
}

function hostKeyConfig(hostKey: string | undefined): ConnectConfig {
  if (hostKey === undefined) return { hostVerifier: () => true };
  const [algorithm, key = ""] = hostKey.trim().split(/\s+/);
  const type = HOST_KEY_TYPES.find((known) => known === algorithm);
  if (type === undefined) throw new Error(`failed to parse host key: ${hostKey}`);
  const expected = Buffer.from(key, "base64");
  return {
    algorithms: { serverHostKey: [type] },
    hostVerifier: (actual: Buffer) => actual.equals(expected),
  };
}

function openSocket({ host, port, perDialTimeout }: Connection): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(perDialTimeout * 1000, () => {
      socket.destroy(new Error(`dial tcp ${host}:${String(port)}: i/o timeout`));
    });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.setKeepAlive(true, KEEP_ALIVE);
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

function logIn(config: ConnectConfig, sock: Socket): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.once("ready", () => {
      // From here on, a lost connection is the end of what runs on it, and reported there.
      client.on("error", () => undefined);
      resolve(client);
    });
    client.once("error", (error) => {
      reject(new Error(`ssh: handshake failed: ${error.message}`, { cause: error }));
    });
    client.once("close", () => {
      reject(new Error("ssh: handshake failed: EOF"));
    });
    client.connect({ ...config, sock });
  });
}
