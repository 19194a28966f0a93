import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import path from "node:path";
import { answerDns } from "./dns";
import { MANIFEST_TYPE } from "./image-store";
import type { MirrorFolder } from "./make";

const PORT = 8000;
const DNS_PORT = 53;

/** The only name that the machines' name server knows beside the cluster's own: what stands for the internet. */
export const EXTERNAL_NAME = "mirror.example";

/** The mirror as the machines see it: files and images at one port, and a name server. */
export class MirrorServer {
  /** What was asked for and is there: paths of files, and "repository:tag" of images. */
  readonly asked = new Set<string>();
  /** What was asked for and is not there. */
  readonly missing = new Set<string>();

  private constructor(
    private readonly folder: MirrorFolder,
    private readonly http: Server,
    private readonly dns: Socket,
    readonly url: string,
  ) {
    http.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(folder: MirrorFolder, address: string): Promise<MirrorServer> {
    const http = createServer().listen(PORT, address);
    await once(http, "listening");
    const dns = createSocket("udp4");
    dns.on("message", (question, { address: to, port }) => {
      dns.send(answerDns(question, { [EXTERNAL_NAME]: address }), port, to);
    });
    dns.bind(DNS_PORT, address);
    await once(dns, "listening");
    return new MirrorServer(folder, http, dns, `http://${address}:${String(PORT)}`);
  }

  async stop(): Promise<void> {
    this.dns.close();
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, "close");
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const image = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname);
    if (url.pathname === "/v2/") {
      response.end();
    } else if (image !== null) {
      const [, name = "", kind, reference = ""] = image;
      const repository = `${url.searchParams.get("ns") ?? "docker.io"}/${name}`;
      await this.answerImage(request, response, { repository, kind, reference });
    } else {
      // Without "..": URL has taken it away.
      const file = path.join(this.folder.files, decodeURIComponent(url.pathname));
      await this.send(request, response, file, { name: url.pathname.slice(1) });
    }
  }

  private async answerImage(
    request: IncomingMessage,
    response: ServerResponse,
    { repository, kind, reference }: { repository: string; kind?: string; reference: string },
  ): Promise<void> {
    const { images, record } = this.folder;
    const name = `${repository}:${reference}`;
    const digest = reference.startsWith("sha256:") ? reference : record.images[name];
    const file = images.blobFile(digest ?? "sha256:none");
    const headers: Record<string, string> =
      kind === "manifests" ? { "content-type": MANIFEST_TYPE } : {};
    await this.send(request, response, file, { name, digest, headers });
  }

  private async send(
    { method }: IncomingMessage,
    response: ServerResponse,
    file: string,
    what: { name: string; digest?: string; headers?: Record<string, string> },
  ): Promise<void> {
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() !== true) {
      this.missing.add(what.name);
      response.writeHead(404).end();
      return;
    }
    this.asked.add(what.name);
    if (what.digest !== undefined) response.setHeader("docker-content-digest", what.digest);
    response.writeHead(200, { "content-length": found.size, ...what.headers });
    if (method === "HEAD") response.end();
    else createReadStream(file).pipe(response);
  }
}
