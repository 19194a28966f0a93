import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { connect } from "node:net";
import { Server, utils } from "ssh2";

const FAKES = resolve(__dirname, "fakes");

/**
 * An SSH server on loopback that lets one key in and runs commands here, below a folder of the test's; it stands in
 * for a machine's sshd, so that the real client can be tried.
 */
export class SshServer {
  readonly hostKey: string;
  /** The private key that it lets in, in OpenSSH's format. */
  readonly clientKey: string;
  port = 0;
  /** Connections that it has passed on, as a jump host does. */
  forwarded = 0;
  private readonly server: Server;

  constructor(root: string, trusts = true) {
    const [host, client] = [generateKeys(), generateKeys()];
    this.hostKey = host.public.split(" ").slice(0, 2).join(" ");
    this.clientKey = client.private;
    const wanted = client.public.split(" ")[1];
    this.server = new Server({ hostKeys: [host.private] }, (connection) => {
      connection.on("error", () => connection.end());
      connection.on("authentication", (request) => {
        const matches =
          request.method === "publickey" && request.key.data.toString("base64") === wanted;
        if (trusts && matches) request.accept();
        else request.reject(["publickey"]);
      });
      connection.on("tcpip", (accept, _reject, { destIP, destPort }) => {
        this.forwarded += 1;
        const channel = accept();
        const onward = connect(destPort, destIP);
        channel.pipe(onward).pipe(channel);
        onward.on("error", () => channel.end());
        channel.on("error", () => onward.destroy());
      });
      connection.on("session", (accept) => {
        accept().on("exec", (acceptCommand, _reject, { command }) => {
          const channel = acceptCommand();
          const env = { PATH: `${FAKES}:/usr/bin:/bin`, MACHINE_ROOT: root };
          const child = spawn("sh", ["-c", command], { env });
          channel.pipe(child.stdin);
          child.stdout.pipe(channel, { end: false });
          child.stderr.pipe(channel.stderr, { end: false });
          child.on("close", (code) => {
            channel.exit(code ?? 1);
            channel.end();
          });
        });
      });
    });
  }

  listen(): Promise<void> {
    return new Promise((done) => {
      this.server.listen(0, "127.0.0.1", () => {
        const address = this.server.address();
        this.port = address !== null && typeof address !== "string" ? address.port : 0;
        done();
      });
    });
  }

  close(): Promise<void> {
    return new Promise((done) => {
      this.server.close(() => {
        done();
      });
    });
  }
}

/** ssh2 1.17 writes 1 private key in 400 so that nothing can read it, itself included. */
function generateKeys(): ReturnType<typeof utils.generateKeyPairSync> {
  for (;;) {
    const keys = utils.generateKeyPairSync("ed25519");
    if (!(utils.parseKey(keys.private) instanceof Error)) return keys;
  }
}
