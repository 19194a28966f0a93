import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { FILES } from "../../../scripts/kit/mirror/folder";
import { serveFolder, type MirrorServer as Served } from "../../../scripts/kit/mirror/serve";
import { answerDns } from "./dns";

const DNS_PORT = 53;
const FOUND = 300;

/** The only name that the machines' name server knows beside the cluster's own: what stands for the internet. */
export const EXTERNAL_NAME = "mirror.example";

/** A mirror as the machines see it, served as `vmstation mirror serve` does, and what it was asked for. */
export class MirrorServer {
  /** What was asked for and is there: paths of files, and "repository:reference" of images. */
  readonly asked = new Set<string>();
  /** What was asked for and is not there. */
  readonly missing = new Set<string>();

  private served: Served | undefined;

  private constructor(
    private readonly address: string,
    private readonly port: number,
  ) {}

  /** One that does not answer yet. */
  static at(address: string, port = 8000): MirrorServer {
    return new MirrorServer(address, port);
  }

  static async start(folder: string, address: string, port?: number): Promise<MirrorServer> {
    const server = MirrorServer.at(address, port);
    await server.serve(folder);
    return server;
  }

  private async serve(folder: string): Promise<void> {
    const { address, port } = this;
    const onAnswer = (_: string, path: string, status: number): void => {
      this.record(path, status);
    };
    this.served = await serveFolder({ folder, address, port, onAnswer });
  }

  get url(): string {
    return `http://${this.address}:${String(this.port)}`;
  }

  /** What `bootstrap.sources.files` names. */
  get files(): string {
    return `${this.url}/${FILES}`;
  }

  async stop(): Promise<void> {
    await this.served?.close();
  }

  private record(path: string, status: number): void {
    const { pathname, searchParams } = new URL(path, this.url);
    if (pathname === "/v2/") return;
    const image = /^\/v2\/(.+)\/(?:manifests|blobs)\/([^/]+)$/.exec(pathname);
    const [, name = "", reference = ""] = image ?? [];
    const what =
      image === null
        ? decodeURIComponent(pathname).slice(`/${FILES}/`.length)
        : `${searchParams.get("ns") ?? ""}/${name}:${reference}`;
    (status < FOUND ? this.asked : this.missing).add(what);
  }
}

/** The machines' name server. */
export class NameServer {
  private constructor(private readonly socket: Socket) {}

  static async start(address: string): Promise<NameServer> {
    const socket = createSocket("udp4");
    socket.on("message", (question, { address: to, port }) => {
      socket.send(answerDns(question, { [EXTERNAL_NAME]: address }), port, to);
    });
    socket.bind(DNS_PORT, address);
    await once(socket, "listening");
    return new NameServer(socket);
  }

  stop(): void {
    this.socket.close();
  }
}
