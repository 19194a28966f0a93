import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UserError } from "../user-error";
import { sha256Of, sizeOf } from "./folder";

/** Times that a download which broke off is continued. */
const RETRIES = 4;
/** Milliseconds without a byte after which a download is broken off. */
const STALL = 60_000;

export interface DownloadArgs {
  readonly url: string;
  readonly file: string;
  /** undefined where nothing says what it has to be. */
  readonly sha256: string | undefined;
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Downloads a file to its place: complete and checked, or not there at all. What an earlier run has got of it is beside
 * it, as FILE.part, and is continued.
 */
export async function download(args: DownloadArgs): Promise<void> {
  const part = `${args.file}.part`;
  await mkdir(dirname(args.file), { recursive: true });
  for (let attempt = 0; ; attempt += 1) {
    try {
      await receive(args, part);
      break;
    } catch (error) {
      if (error instanceof UserError || attempt === RETRIES) throw failed(args.url, error);
    }
  }
  await accept(args, part);
}

async function accept({ url, file, sha256 }: DownloadArgs, part: string): Promise<void> {
  const found = await sha256Of(part);
  if (sha256 !== undefined && found !== sha256) {
    await rm(part);
    throw new UserError(
      `${url} has the digest ${found}, expected ${sha256}. It was not kept. ` +
        "Somebody has changed it there, or bootstrap.checksums names another build.",
    );
  }
  await rename(part, file);
}

async function receive({ url, onProgress }: DownloadArgs, part: string): Promise<void> {
  const have = (await sizeOf(part)) ?? 0;
  const stall = new AbortController();
  const timer = setTimeout(() => {
    stall.abort(new Error(`nothing has arrived for ${String(STALL / 1000)} seconds`));
  }, STALL);
  try {
    const headers: Record<string, string> = have > 0 ? { range: `bytes=${String(have)}-` } : {};
    const response = await fetch(url, { headers, signal: stall.signal });
    // All of it is there already.
    if (response.status === 416 && have > 0) return;
    if (!response.ok || response.body === null) throw refused(url, response.status);
    const continues = response.status === 206;
    let bytes = continues ? have : 0;
    await pipeline(
      Readable.fromWeb(response.body),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          timer.refresh();
          bytes += chunk.length;
          onProgress?.(bytes);
          yield chunk;
        }
      },
      createWriteStream(part, { flags: continues ? "a" : "w" }),
    );
  } finally {
    clearTimeout(timer);
  }
}

/** What the server refuses is refused again; a server that is overloaded is asked again. */
function refused(url: string, status: number): Error {
  const message = `${url} answers with status ${String(status)}`;
  return status >= 500 || status === 429 ? new Error(message) : new UserError(`${message}.`);
}

function failed(url: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UserError(
    `${url} could not be downloaded: ${why}. What has arrived is kept; the same command continues.`,
  );
}
