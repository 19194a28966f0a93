import { once } from "node:events";
import net from "node:net";
import readline from "node:readline";
import tls from "node:tls";

/** How a connection is encrypted: by STARTTLS, from its first byte, or not at all. */
export type Encryption = "starttls" | "tls" | "none";

export interface MailServer {
  readonly port: number;
  readonly encryption: Encryption;
  readonly tls: { readonly cert: string; readonly key: string };
  /** "USER PASSWORD" of who may send; default: anybody. */
  readonly login?: string;
}

/** A mail that was taken. */
export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly isEncrypted: boolean;
  readonly login: string | undefined;
}

/** A mail server on loopback, which tells who may send what comes (RFC 5321, 3207, 4954). Resolves to how it is ended. */
export async function serveMail(
  settings: MailServer,
  got: (mail: Mail) => void,
): Promise<() => void> {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    const session = new Session(settings, got);
    if (settings.encryption === "tls") session.serveEncrypted(socket, true);
    else session.serve(socket, true);
  });
  server.listen(settings.port, "127.0.0.1");
  await once(server, "listening");
  return () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
}

const OK = "250 2.0.0 Ok";

class Session {
  private isEncrypted = false;
  private login: string | undefined;
  private from = "";
  private to = "";
  /** The mail's lines, while they come. */
  private lines: string[] | undefined;

  constructor(
    private readonly settings: MailServer,
    private readonly got: (mail: Mail) => void,
  ) {}

  serve(socket: net.Socket, isFirst: boolean): void {
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    const lines = readline.createInterface({ input: socket });
    // Who does not trust the certificate ends the connection, which is no fault of the test.
    for (const each of [socket, lines]) each.on("error", () => socket.destroy());
    lines.on("line", (line) => {
      if (this.lines !== undefined) this.take(line, say);
      else if (line === "STARTTLS" && this.offersTls) {
        lines.close();
        say("220 2.0.0 Ready to start TLS");
        this.serveEncrypted(socket, false);
      } else say(this.answer(line));
    });
    if (isFirst) say("220 smtp.example.org ESMTP");
  }

  serveEncrypted(socket: net.Socket, isFirst: boolean): void {
    socket.on("error", () => socket.destroy());
    this.isEncrypted = true;
    this.serve(new tls.TLSSocket(socket, { isServer: true, ...this.settings.tls }), isFirst);
  }

  private get offersTls(): boolean {
    return this.settings.encryption === "starttls" && !this.isEncrypted;
  }

  private answer(line: string): string {
    const [word = "", rest = ""] = line.split(/ (.*)/);
    switch (word.toUpperCase()) {
      case "EHLO":
        return ["250-smtp.example.org", ...this.extensions(), "250 8BITMIME"].join("\r\n");
      case "AUTH":
        return this.logIn(rest);
      case "MAIL":
        if (this.settings.login !== undefined && this.login === undefined)
          return "530 5.7.0 Authentication required";
        this.from = addressOf(rest);
        return OK;
      case "RCPT":
        this.to = addressOf(rest);
        return OK;
      case "DATA":
        this.lines = [];
        return "354 End data with <CR><LF>.<CR><LF>";
      case "QUIT":
        return "221 2.0.0 Bye";
      default:
        return "502 5.5.2 Command not recognized";
    }
  }

  private extensions(): string[] {
    if (this.offersTls) return ["250-STARTTLS"];
    return this.settings.login === undefined ? [] : ["250-AUTH PLAIN LOGIN"];
  }

  private logIn(words: string): string {
    const [, encoded = ""] = words.split(" ");
    const [, user = "", password = ""] = Buffer.from(encoded, "base64").toString().split("\0");
    if (`${user} ${password}` !== this.settings.login)
      return "535 5.7.8 Error: authentication failed";
    this.login = this.settings.login;
    return "235 2.7.0 Authentication successful";
  }

  private take(line: string, say: (line: string) => void): void {
    if (line !== ".") return void this.lines?.push(line);
    const { from, to, isEncrypted, login } = this;
    this.got({ from, to, text: this.lines?.join("\n") ?? "", isEncrypted, login });
    this.lines = undefined;
    say(OK);
  }
}

function addressOf(words: string): string {
  return /<(.*?)>/.exec(words)?.[1] ?? "";
}
