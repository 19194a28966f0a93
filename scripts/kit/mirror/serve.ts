import { once } from "node:events";
import { createReadStream } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join, sep } from "node:path";
import { z } from "zod";
import { IMAGES, sha256Of } from "./folder";
import { contentFile } from "./images";

/** Connections that are served at once; a further one is closed. */
const CONNECTIONS = 256;
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const mediaType = z.object({ mediaType: z.string() });
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** A file of the answer. */
interface Answer {
  readonly file: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MirrorServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface ServeArgs {
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  /** Told of each request: its method, its path, and the status of the answer. */
  readonly onAnswer?: (method: string, path: string, status: number) => void;
}

/**
 * Serves a mirror's folder, to read: files, charts, and images as containerd asks a mirror for them. A link that leads
 * out of the folder is not followed.
 */
export async function serveFolder(args: ServeArgs): Promise<MirrorServer> {
  const root = await realpath(args.folder);
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 });
  server.maxConnections = CONNECTIONS;
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    answer(root, request, response).then(
      (status) => args.onAnswer?.(request.method ?? "", request.url ?? "", status),
      () => response.destroy(),
    );
  });
  server.listen(args.port, args.address);
  await once(server, "listening");
  return { url: urlOf(server), close: () => close(server) };
}

function urlOf(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port to listen on");
  const host = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return `http://${host}:${String(bound.port)}`;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

async function answer(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<number> {
  const send = (status: number): number => {
    response.writeHead(status).end();
    return status;
  };
  if (request.method !== "GET" && request.method !== "HEAD") return send(405);
  const url = new URL(request.url ?? "/", "http://mirror");
  if (url.pathname === "/v2/") return send(200);
  const found = await find(root, url);
  const file = found && (await inside(root, found.file));
  if (found === undefined || file === undefined) return send(404);
  return sendFile(request, response, { ...found, file });
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { file, headers }: Answer,
): Promise<number> {
  const { size } = await stat(file);
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (from > 0 && from >= size) {
    response.writeHead(416).end();
    return 416;
  }
  const status = from > 0 ? 206 : 200;
  response.writeHead(status, {
    ...headers,
    "content-length": size - from,
    ...(from > 0 ? { "content-range": `bytes ${from}-${size - 1}/${size}` } : {}),
  });
  if (request.method === "HEAD") response.end();
  else
    createReadStream(file, { start: from })
      .on("error", () => response.destroy())
      .pipe(response);
  return status;
}

/** The file without links; undefined where it is none, or lies outside. */
async function inside(root: string, file: string): Promise<string | undefined> {
  const real = await realpath(file).catch(() => undefined);
  if (real?.startsWith(`${root}${sep}`) !== true) return undefined;
  return (await stat(real)).isFile() ? real : undefined;
}

async function find(root: string, url: URL): Promise<Answer | undefined> {
  const path = decode(url.pathname);
  if (path === undefined) return undefined;
  const image = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path);
  if (image === null) return { file: join(root, path), headers: {} };
  const [, name = "", kind, reference = ""] = image;
  const repository = join(root, IMAGES, url.searchParams.get("ns") ?? "", name);
  return kind === "blobs" ? findBlob(repository, reference) : findManifest(repository, reference);
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

async function tagsOf(repository: string): Promise<string[]> {
  const names = await readdir(repository).catch(() => []);
  return names.filter((name) => !name.endsWith(".new")).map((name) => join(repository, name));
}

async function findBlob(repository: string, digest: string): Promise<Answer | undefined> {
  if (!DIGEST.test(digest)) return undefined;
  for (const tag of await tagsOf(repository)) {
    const file = contentFile(tag, digest, "blob");
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() === true) return { file, headers: { "docker-content-digest": digest } };
  }
  return undefined;
}

async function findManifest(repository: string, reference: string): Promise<Answer | undefined> {
  if (!DIGEST.test(reference)) return manifest(join(repository, reference, "manifest.json"));
  for (const tag of await tagsOf(repository)) {
    const below = await manifest(contentFile(tag, reference, "manifest"));
    if (below !== undefined) return below;
    const top = await manifest(join(tag, "manifest.json"));
    if (top?.headers["docker-content-digest"] === reference) return top;
  }
  return undefined;
}

async function manifest(file: string): Promise<Answer | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const digest = `sha256:${await sha256Of(file)}`;
  const type = mediaType.safeParse(JSON.parse(text)).data?.mediaType ?? MANIFEST;
  return { file, headers: { "content-type": type, "docker-content-digest": digest } };
}
