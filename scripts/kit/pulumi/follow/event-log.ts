import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { parseEvent, type EngineEvent } from "./events";

const BLOCK = 1 << 16;

/** Reads the engine's event log while it grows. */
export class EventLog {
  private file: number | undefined;
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(private readonly path: string) {}

  /** What has come since the last call; nothing while the engine has not begun its log. */
  read(): EngineEvent[] {
    this.file ??= open(this.path);
    if (this.file === undefined) return [];
    const block = Buffer.alloc(BLOCK);
    for (let length; (length = readSync(this.file, block)) > 0;)
      this.rest += this.decoder.write(block.subarray(0, length));
    const lines = this.rest.split("\n");
    this.rest = lines.pop() ?? "";
    return lines.flatMap((line) => parseEvent(line) ?? []);
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }
}

/** All that is in a log which is complete. */
export function readEvents(path: string): EngineEvent[] {
  const log = new EventLog(path);
  const events = log.read();
  log.close();
  return events;
}

function open(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}
